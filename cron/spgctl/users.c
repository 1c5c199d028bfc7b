/* spgctl users: who uses this site. */
#include "base/json.h"
#include "queries.h"
#include "spgctl/ctl.h"
#include "store/db.h"
#include "store/listing.h"

enum { USERS_MAX = 10000, USERS_DEFAULT = 100 };

static enum status users_list(struct ctl *ctl)
{
	const char *after_text = NULL, *limit_text = NULL;
	int64_t after = 0, limit = USERS_DEFAULT;
	struct json_object *items;
	enum status st = ctl_arguments(ctl,
				       (const struct ctl_option[]){ { "--after", &after_text },
								    { "--limit", &limit_text } },
				       2, NULL, 0);
	if (st == STATUS_OK)
		st = ctl_number("--after", after_text, 0, INT64_MAX, &after);
	if (st == STATUS_OK)
		st = ctl_number("--limit", limit_text, 1, USERS_MAX, &limit);
	if (st == STATUS_OK)
		st = listing_read(
			ctl->db, ctl_users_sql,
			PARAMS(NULL, param_int(ctl->arena, after), param_int(ctl->arena, limit)),
			&items);
	if (st == STATUS_OK)
		ctl_items(ctl, items,
			  "id created_at last_seen_at language accounts videos posts deletion");
	return st;
}

static enum status users_show(struct ctl *ctl)
{
	struct json_object *user, *accounts = NULL, *states = NULL;
	int64_t id;
	enum status st = ctl_only_id(ctl, &id);
	if (st != STATUS_OK)
		return st;
	const char *id_text = param_int(ctl->arena, id);
	ctl->event.user_id = id;
	st = listing_one(ctl->db, ctl_users_sql, PARAMS(id_text, NULL, "1"), &user);
	if (st != STATUS_OK)
		return st;
	ctl_object(ctl, user);
	st = listing_read(ctl->db, ctl_accounts_sql, PARAMS(NULL, id_text, "0", "1000"), &accounts);
	if (st == STATUS_OK)
		st = listing_read(ctl->db, ctl_user_states_sql, PARAMS(id_text), &states);
	json_add(user, "accounts", accounts);
	json_add(user, "posts_by_state", states);
	return st;
}

static const struct ctl_command commands[] = {
	{ "list", "[--after ID] [--limit N]", "all users, 100 at a time", users_list },
	{ "show", "ID", "one user: accounts, posts by state", users_show },
};
const struct ctl_group ctl_users = { "users", commands, ARRAY_SIZE(commands) };
