/*
 * What the commands of spgctl have in common. A group of commands is a file in this folder with a table of them; the
 * groups stand in one table in cron/spgctl.c.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "store/audit.h"

struct arena;
struct config;
struct ctl_command;
struct db;
struct json_object;

struct ctl {
	const struct config *config; /* NULL for commands with own_rights */
	struct db *db;		     /* likewise */
	struct arena *arena;	     /* of the whole run */
	bool json;		     /* the answer is for programs */
	const char *group;
	const struct ctl_command *command;
	int argc; /* words after the action */
	char **argv;

	/*
	 * What main writes into the audit trail when the command has ended, before anything is shown: event and actor
	 * are set; the command says whom and what it was about. A command that changes something writes it itself, as
	 * the last statement of its transaction (ctl_record).
	 */
	struct audit_event event;
	bool recorded;

	/* The answer, shown by main; set by ctl_items or ctl_object. */
	struct json_object *answer;
	const char *columns;
	const char *text; /* what people are shown instead of the answer, NULL: the answer */
	bool failed;	  /* shown, but exit 1: something is not well */
};

struct ctl_command {
	const char *action;    /* NULL: the group is the command */
	const char *arguments; /* as --help shows them */
	const char *purpose;
	enum status (*run)(struct ctl *ctl);
	bool unrecorded; /* looks at nothing that is anybody's */
	bool own_rights; /* keeps the rights it was started with, and sees to configuration and database itself */
};

struct ctl_group {
	const char *name;
	const struct ctl_command *commands;
	size_t count;
};

extern const struct ctl_group ctl_accounts, ctl_deletions, ctl_events, ctl_health, ctl_inventory,
	ctl_keys, ctl_posts, ctl_retention, ctl_support, ctl_users;

/* ---------------------------------------------------------------- arguments */

struct ctl_option {
	const char *name;   /* "--state" */
	const char **value; /* untouched where the option is not given */
};

/*
 * Sort the arguments into options and exactly count words. STATUS_INVALID (told on standard error): an option that is
 * not among them, one without a value, too few or too many words.
 */
MUST_CHECK enum status ctl_arguments(struct ctl *ctl, const struct ctl_option *options,
				     size_t option_count, const char **ret_words, size_t count);

/* A number of the range from text; NULL leaves ret_value alone. what names it. STATUS_INVALID (told). */
MUST_CHECK enum status ctl_number(const char *what, const char *text, int64_t min, int64_t max,
				  int64_t *ret_value);

/* An id, 1 and more, likewise. */
MUST_CHECK enum status ctl_id(const char *what, const char *text, int64_t *ret_id);

/* For a command without options whose only argument is an id. */
MUST_CHECK enum status ctl_only_id(struct ctl *ctl, int64_t *ret_id);

/* Say on standard error what is wrong. */
void ctl_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---------------------------------------------------------------- answers */

/*
 * The answer is a list: items is an array of objects, taken over. JSON: {"items": [...]} with all members. People: a
 * table of the columns, "id state caption".
 */
void ctl_items(struct ctl *ctl, struct json_object *items, const char *columns);

/*
 * The answer is one thing: object is taken over. JSON: as it is. People: a line for each member; members that are
 * arrays of objects follow as tables.
 */
void ctl_object(struct ctl *ctl, struct json_object *object);

/* Show the answer on standard output; false when it could not be written. */
MUST_CHECK bool ctl_show(const struct ctl *ctl);

/* Root becomes the user, with its groups, for good; anybody else stays who they are. STATUS_BROKEN after a message. */
MUST_CHECK enum status ctl_become(const char *user);

/* Write the event now, as the last statement of the open transaction. */
MUST_CHECK enum status ctl_record(struct ctl *ctl);
