/*
 * The inventory of personal data (GDPR Art. 30; 152-FZ Art. 18.1): each kind, where it lies, why, how long, and how
 * it is erased. The privacy page, the export, the eraser and the retention job read this one table; a test holds
 * every column of the database against it.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct config;

/* Why we may have it. */
enum inventory_basis {
	INVENTORY_SERVICE, /* without it the service that was asked for cannot be given (GDPR Art. 6(1)(b)) */
	INVENTORY_SECURITY, /* a safe service needs it (Art. 6(1)(f)) */
	INVENTORY_PROOF,    /* it shows that the law was obeyed (Art. 6(1)(c)) */
};

/* What happens to it when its user is erased. */
enum inventory_end {
	INVENTORY_ERASED, /* its own statement */
	INVENTORY_WITH, /* goes with the rows of another kind: in the same table, or hanging on it */
	INVENTORY_FLEETING, /* never stored, or only until a request has ended */
	INVENTORY_AGES,	    /* stays until its period is over: logs */
	INVENTORY_KEPT,	    /* stays as numbers without names, until its period is over */
};

/* A rule of retention: rows that are too old. */
struct inventory_rule {
	const char *name; /* for log and report */
	const char
		*sql; /* a batch: $1 hours, $2 rows at most; touches as many rows as it removes */
	const char *setting;	 /* the configuration key whose days count; NULL: only hours */
	int64_t hours;		 /* on top of the setting, or alone */
	const char *and_setting; /* a key whose hours count on top; NULL: none */
};

enum { INVENTORY_RULES_MAX = 3 };

struct inventory_kind {
	const char *name; /* "access_tokens": in exports, receipts and logs */
	const char *
		columns; /* where: "table.column table.column ..."; "table.*": all of its columns */
	const char *files; /* where: folders of media_dir, or a word for logs; NULL: none */
	enum inventory_basis basis;
	enum inventory_end end;
	/* A batch of rows of user $1, $2 at most, for INVENTORY_ERASED; the table is in the order of erasing. */
	const char *erase_sql;
	/*
	 * The user's own, for the export: rows (position bigint, item json) of user $1 after position $2, $3 at
	 * most, in order of position; NULL: not in the export, for the reason that withheld says.
	 */
	const char *export_sql;
	const char *withheld;
	struct inventory_rule rules[INVENTORY_RULES_MAX]; /* those without a name are not there */
};

/* All kinds, those that others hang on last. */
extern const struct inventory_kind inventory[];
extern const size_t inventory_count;

/* The kind of a name, NULL when there is none. */
const struct inventory_kind *inventory_find(const char *name);

/* The hours after which a rule removes, with the settings of this installation. */
int64_t inventory_rule_hours(const struct inventory_rule *rule, const struct config *config);

/* The hours that a setting of retention means here. STATUS_NOT_FOUND: there is none of that name. */
MUST_CHECK enum status inventory_setting_hours(const char *name, const struct config *config,
					       int64_t *ret_hours);
