/*
 * spgctl inventory: the record of processing (GDPR Art. 30; 152-FZ Art. 18.1), from the one table that the programs
 * use.
 */
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "queries.h"
#include "spgctl/ctl.h"
#include "store/db.h"
#include "store/inventory.h"
#include "store/listing.h"
#include "web/policy_words.h"

static const char *basis_name(enum inventory_basis basis)
{
	static const char *const names[] = {
		[INVENTORY_SERVICE] = "service",
		[INVENTORY_SECURITY] = "security",
		[INVENTORY_PROOF] = "proof",
	};
	return names[basis];
}

static const char *end_name(enum inventory_end end)
{
	static const char *const names[] = {
		[INVENTORY_ERASED] = "erased",	   [INVENTORY_WITH] = "with",
		[INVENTORY_FLEETING] = "fleeting", [INVENTORY_AGES] = "ages",
		[INVENTORY_KEPT] = "kept",
	};
	return names[end];
}

/* Does a word of columns, "table.column" or "table.*", name the column? */
static bool names_column(const char *columns, const char *column)
{
	size_t table = strcspn(column, "."), whole = strlen(column);
	while (*columns) {
		size_t length = strcspn(columns, " ");
		bool all = length == table + 2 && strncmp(columns, column, table + 1) == 0 &&
			   columns[table + 1] == '*';
		if (all || (length == whole && strncmp(columns, column, whole) == 0))
			return true;
		columns += length;
		columns += strspn(columns, " ");
	}
	return false;
}

/* The columns of a kind, "table.*" written out, as they are in this database. */
static struct json_object *columns_of(const struct inventory_kind *kind, struct json_object *all)
{
	struct json_object *columns = json_object_new_array();
	for (size_t i = 0; i < json_object_array_length(all); i++) {
		const char *name = json_string_or(json_object_array_get_idx(all, i), "name", "");
		if (names_column(kind->columns, name))
			json_array_push(columns, json_object_new_string(name));
	}
	return columns;
}

static struct json_object *rules_of(struct ctl *ctl, const struct inventory_kind *kind)
{
	struct json_object *rules = json_object_new_array();
	for (size_t i = 0; i < INVENTORY_RULES_MAX && kind->rules[i].name; i++) {
		struct json_object *rule = json_object_new_object();
		json_add_string(rule, "rule", kind->rules[i].name);
		json_add_string(rule, "setting", kind->rules[i].setting);
		json_add_int(rule, "hours", inventory_rule_hours(&kind->rules[i], ctl->config));
		json_array_push(rules, rule);
	}
	return rules;
}

static struct json_object *view_kind(struct ctl *ctl, const struct inventory_kind *kind,
				     struct json_object *all)
{
	const struct policy_words *words = policy_words_find(kind->name, WORDS_EN);
	struct json_object *view = json_object_new_object();
	json_add_string(view, "kind", kind->name);
	json_add_string(view, "title", words->title);
	json_add_string(view, "basis", basis_name(kind->basis));
	json_add_string(view, "end", end_name(kind->end));
	json_add_bool(view, "exported", kind->withheld == NULL);
	json_add_string(view, "withheld", kind->withheld);
	json_add_string(view, "what", words->what);
	json_add_string(view, "why", words->why);
	json_add_string(view, "kept",
			policy_fill(ctl->arena, words->kept, kind, ctl->config, WORDS_EN));
	json_add_string(view, "stored_in", kind->columns);
	json_add_string(view, "files", kind->files);
	json_add(view, "columns", columns_of(kind, all));
	json_add(view, "rules", rules_of(ctl, kind));
	return view;
}

static enum status show(struct ctl *ctl)
{
	CLEANUP(json_object_put) struct json_object *columns = NULL;
	enum status st = ctl_arguments(ctl, NULL, 0, NULL, 0);
	if (st == STATUS_OK)
		st = listing_read(ctl->db, ctl_columns_sql, NO_PARAMS, &columns);
	if (st != STATUS_OK)
		return st;
	struct json_object *items = json_object_new_array();
	for (size_t i = 0; i < inventory_count; i++)
		json_array_push(items, view_kind(ctl, &inventory[i], columns));
	ctl_items(ctl, items, "kind basis end exported files stored_in kept");
	return STATUS_OK;
}

static const struct ctl_command commands[] = {
	{ NULL, NULL, "every kind of personal data: where, why, how long, how it is erased", show,
	  .unrecorded = true },
};
const struct ctl_group ctl_inventory = { "inventory", commands, ARRAY_SIZE(commands) };
