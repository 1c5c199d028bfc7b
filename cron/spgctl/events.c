/* spgctl events: the record, and the proof that nobody has touched it. */
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/number.h"
#include "queries.h"
#include "spgctl/ctl.h"
#include "store/audit_chain.h"
#include "store/db.h"
#include "store/listing.h"
#include "store/when.h"

enum { EVENTS_MAX = 100000, EVENTS_DEFAULT = 100, DAYS_MAX = 36500 };

/* "2026-11-22T11:05:00Z", which is PostgreSQL's to read, or "7d", so many days ago: the other stays NULL. */
static enum status since_parse(struct arena *arena, const char *text, const char **ret_since,
			       const char **ret_days)
{
	size_t length = text ? strlen(text) : 0;
	int64_t days;
	if (!text || when_is_rfc3339(text)) {
		*ret_since = text;
		return STATUS_OK;
	}
	if (length > 1 && text[length - 1] == 'd' &&
	    number_parse(arena_strndup(arena, text, length - 1), 0, DAYS_MAX, &days) == STATUS_OK) {
		*ret_days = param_int(arena, days);
		return STATUS_OK;
	}
	ctl_complain("--since must be a time like 2026-11-22T11:05:00Z or days like 7d, not '%s'",
		     text);
	return STATUS_INVALID;
}

static enum status events_list(struct ctl *ctl)
{
	const char *user_text = NULL, *event = NULL, *since_text = NULL, *since = NULL,
		   *days = NULL, *before_text = NULL, *limit_text = NULL;
	int64_t user_id = 0, before = 0, limit = EVENTS_DEFAULT;
	struct json_object *items;
	const struct ctl_option options[] = { { "--user", &user_text },
					      { "--event", &event },
					      { "--since", &since_text },
					      { "--before", &before_text },
					      { "--limit", &limit_text } };
	enum status st = ctl_arguments(ctl, options, ARRAY_SIZE(options), NULL, 0);
	if (st == STATUS_OK)
		st = ctl_id("--user", user_text, &user_id);
	if (st == STATUS_OK)
		st = since_parse(ctl->arena, since_text, &since, &days);
	if (st == STATUS_OK)
		st = ctl_id("--before", before_text, &before);
	if (st == STATUS_OK)
		st = ctl_number("--limit", limit_text, 1, EVENTS_MAX, &limit);
	ctl->event.user_id = user_id;
	if (st == STATUS_OK)
		st = listing_read(ctl->db, ctl_events_sql,
				  PARAMS(param_id(ctl->arena, user_id), event, since, days,
					 param_id(ctl->arena, before),
					 param_int(ctl->arena, limit)),
				  &items);
	if (st == STATUS_OK)
		ctl_items(ctl, items,
			  "id at program event user_id account_id post_id subject_id code operator "
			  "address");
	return st;
}

static enum status events_verify(struct ctl *ctl)
{
	const char *text = NULL;
	struct audit_head head;
	struct audit_proof proof;
	enum status st =
		ctl_arguments(ctl, (const struct ctl_option[]){ { "--head", &text } }, 1, NULL, 0);
	if (st == STATUS_OK && text && audit_head_parse(text, &head) != STATUS_OK) {
		ctl_complain("--head must be POSITION:HASH, as the janitor logs them, not '%s'",
			     text);
		return STATUS_INVALID;
	}
	if (st == STATUS_OK)
		st = audit_verify(ctl->db, ctl->arena, text ? &head : NULL, &proof);
	if (st != STATUS_OK)
		return st;
	struct json_object *answer = json_object_new_object();
	ctl->failed = proof.kind != AUDIT_WHOLE;
	ctl->event.code = audit_break_name(proof.kind);
	json_add_string(answer, "result", audit_break_name(proof.kind));
	json_add(answer, "at_position", ctl->failed ? json_object_new_int64(proof.position) : NULL);
	json_add_int(answer, "events", proof.events);
	json_add_int(answer, "first_position", proof.first);
	json_add_int(answer, "last_position", proof.last);
	json_add_string(
		answer, "head",
		arena_printf(ctl->arena, "%s:%s", param_int(ctl->arena, proof.last), proof.head));
	ctl_object(ctl, answer);
	return STATUS_OK;
}

static const struct ctl_command commands[] = {
	{ "list", "[--user ID] [--event NAME] [--since TIME|Nd] [--before ID] [--limit N]",
	  "the record, the newest 100 first", events_list },
	{ "verify", "[--head POSITION:HASH]",
	  "compute the record's chain anew; exit 1 when it is broken", events_verify },
};
const struct ctl_group ctl_events = { "events", commands, ARRAY_SIZE(commands) };
