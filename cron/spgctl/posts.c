/* spgctl posts: where posts stand and what happened to them. */
#include "base/json.h"
#include "queries.h"
#include "spgctl/ctl.h"
#include "store/db.h"
#include "store/listing.h"

enum { POSTS_MAX = 10000, POSTS_DEFAULT = 50 };

static enum status posts_list(struct ctl *ctl)
{
	const char *state = NULL, *user_text = NULL, *before_text = NULL, *limit_text = NULL;
	int64_t user_id = 0, before = 0, limit = POSTS_DEFAULT;
	struct json_object *items;
	enum status st = ctl_arguments(ctl,
				       (const struct ctl_option[]){ { "--state", &state },
								    { "--user", &user_text },
								    { "--before", &before_text },
								    { "--limit", &limit_text } },
				       4, NULL, 0);
	if (st == STATUS_OK)
		st = ctl_id("--user", user_text, &user_id);
	if (st == STATUS_OK)
		st = ctl_id("--before", before_text, &before);
	if (st == STATUS_OK)
		st = ctl_number("--limit", limit_text, 1, POSTS_MAX, &limit);
	ctl->event.user_id = user_id;
	if (st == STATUS_OK)
		st = listing_read(ctl->db, ctl_posts_sql,
				  PARAMS(NULL, state, param_id(ctl->arena, user_id),
					 param_id(ctl->arena, before),
					 param_int(ctl->arena, limit)),
				  &items);
	if (st == STATUS_OK)
		ctl_items(ctl, items,
			  "id user_id account_id mode state due_at reason_code caption");
	return st;
}

static enum status posts_show(struct ctl *ctl)
{
	struct json_object *post, *attempts = NULL, *timeline = NULL;
	int64_t id;
	enum status st = ctl_only_id(ctl, &id);
	if (st != STATUS_OK)
		return st;
	const char *id_text = param_int(ctl->arena, id);
	ctl->event.post_id = id;
	st = listing_one(ctl->db, ctl_posts_sql, PARAMS(id_text, NULL, NULL, NULL, "1"), &post);
	if (st != STATUS_OK)
		return st;
	ctl_object(ctl, post);
	ctl->event.user_id = json_object_get_int64(json_object_object_get(post, "user_id"));
	ctl->event.account_id = json_object_get_int64(json_object_object_get(post, "account_id"));
	st = listing_read(ctl->db, ctl_attempts_sql, PARAMS(id_text), &attempts);
	if (st == STATUS_OK)
		st = listing_read(ctl->db, ctl_timeline_sql, PARAMS(id_text, "1000"), &timeline);
	json_add(post, "tries", attempts);
	json_add(post, "timeline", timeline);
	return st;
}

static const struct ctl_command commands[] = {
	{ "list", "[--state STATE] [--user ID] [--before ID] [--limit N]",
	  "posts, the newest 50 first", posts_list },
	{ "show", "ID", "one post, its attempts and its timeline", posts_show },
};
const struct ctl_group ctl_posts = { "posts", commands, ARRAY_SIZE(commands) };
