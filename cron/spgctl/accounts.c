/* spgctl accounts: connected TikTok accounts, and how long what opens them lasts. */
#include "base/json.h"
#include "queries.h"
#include "spgctl/ctl.h"
#include "store/db.h"
#include "store/listing.h"

enum { ACCOUNTS_MAX = 10000, ACCOUNTS_DEFAULT = 100 };

static enum status accounts_list(struct ctl *ctl)
{
	const char *user_text = NULL, *after_text = NULL, *limit_text = NULL;
	int64_t user_id = 0, after = 0, limit = ACCOUNTS_DEFAULT;
	struct json_object *items;
	enum status st = ctl_arguments(ctl,
				       (const struct ctl_option[]){ { "--user", &user_text },
								    { "--after", &after_text },
								    { "--limit", &limit_text } },
				       3, NULL, 0);
	if (st == STATUS_OK)
		st = ctl_id("--user", user_text, &user_id);
	if (st == STATUS_OK)
		st = ctl_number("--after", after_text, 0, INT64_MAX, &after);
	if (st == STATUS_OK)
		st = ctl_number("--limit", limit_text, 1, ACCOUNTS_MAX, &limit);
	ctl->event.user_id = user_id;
	if (st == STATUS_OK)
		st = listing_read(ctl->db, ctl_accounts_sql,
				  PARAMS(NULL, param_id(ctl->arena, user_id),
					 param_int(ctl->arena, after),
					 param_int(ctl->arena, limit)),
				  &items);
	if (st == STATUS_OK)
		ctl_items(ctl, items,
			  "id user_id state state_reason username connected_at refreshed_at");
	return st;
}

static enum status accounts_show(struct ctl *ctl)
{
	struct json_object *account;
	int64_t id;
	enum status st = ctl_only_id(ctl, &id);
	if (st != STATUS_OK)
		return st;
	ctl->event.account_id = id;
	st = listing_one(ctl->db, ctl_accounts_sql,
			 PARAMS(param_int(ctl->arena, id), NULL, NULL, "1"), &account);
	if (st != STATUS_OK)
		return st;
	ctl->event.user_id = json_object_get_int64(json_object_object_get(account, "user_id"));
	ctl_object(ctl, account);
	return STATUS_OK;
}

static const struct ctl_command commands[] = {
	{ "list", "[--user ID] [--after ID] [--limit N]", "accounts, 100 at a time",
	  accounts_list },
	{ "show", "ID", "one account, and until when its tokens last", accounts_show },
};
const struct ctl_group ctl_accounts = { "accounts", commands, ARRAY_SIZE(commands) };
