/* spgctl deletions: erasures, the operator's own decision for one, and the papers that prove one. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "base/secret.h"
#include "queries.h"
#include "spgctl/act.h"
#include "spgctl/ctl.h"
#include "store/db.h"
#include "store/deletion.h"
#include "store/erase.h"
#include "store/listing.h"

enum { DELETIONS_MAX = 10000, DELETIONS_DEFAULT = 100, LATE_DAYS = 20 };

static enum status deletions_list(struct ctl *ctl)
{
	const char *state = NULL, *before_text = NULL, *limit_text = NULL;
	int64_t before = 0, limit = DELETIONS_DEFAULT;
	struct json_object *items;
	const struct ctl_option options[] = { { "--state", &state },
					      { "--before", &before_text },
					      { "--limit", &limit_text } };
	enum status st = ctl_arguments(ctl, options, ARRAY_SIZE(options), NULL, 0);
	if (st == STATUS_OK)
		st = ctl_id("--before", before_text, &before);
	if (st == STATUS_OK)
		st = ctl_number("--limit", limit_text, 1, DELETIONS_MAX, &limit);
	if (st == STATUS_OK)
		st = listing_read(ctl->db, ctl_deletions_sql,
				  PARAMS(NULL, state, param_id(ctl->arena, before),
					 param_int(ctl->arena, limit),
					 param_int(ctl->arena, LATE_DAYS)),
				  &items);
	if (st == STATUS_OK)
		ctl_items(ctl, items,
			  "id user_id state origin requested_at grace_until finished_at waits_for "
			  "late");
	return st;
}

/* One request with its steps, counts, subjects and events; the caller puts ret_request. */
static enum status read_request(struct ctl *ctl, int64_t id, struct json_object **ret_request)
{
	const char *number = param_int(ctl->arena, id);
	struct json_object *request = NULL, *steps = NULL, *counts = NULL, *subjects = NULL,
			   *events = NULL;
	enum status st = listing_one(
		ctl->db, ctl_deletions_sql,
		PARAMS(number, NULL, NULL, "1", param_int(ctl->arena, LATE_DAYS)), &request);
	if (st != STATUS_OK)
		return st;
	ctl->event.subject_id = id;
	if (json_get_int(request, "user_id", &ctl->event.user_id) != STATUS_OK)
		ctl->event.user_id = 0;
	st = listing_read(ctl->db, ctl_deletion_steps_sql, PARAMS(number), &steps);
	if (st == STATUS_OK)
		st = listing_read(ctl->db, deletion_counts_sql, PARAMS(number), &counts);
	if (st == STATUS_OK)
		st = listing_read(ctl->db, ctl_deletion_subjects_sql, PARAMS(number), &subjects);
	if (st == STATUS_OK)
		st = listing_read(ctl->db, ctl_deletion_events_sql,
				  PARAMS(number, param_int(ctl->arena, ctl->event.user_id)),
				  &events);
	json_add(request, "steps", steps);
	json_add(request, "counts", counts);
	json_add(request, "subjects", subjects);
	json_add(request, "events", events);
	if (st == STATUS_OK)
		*ret_request = request;
	else
		json_object_put(request);
	return st;
}

static enum status deletions_show(struct ctl *ctl)
{
	struct json_object *request;
	int64_t id;
	enum status st = ctl_only_id(ctl, &id);
	if (st == STATUS_OK)
		st = read_request(ctl, id, &request);
	if (st == STATUS_OK)
		ctl_object(ctl, request);
	return st;
}

static enum status deletions_act(struct ctl *ctl)
{
	const char *lang = NULL, *word = NULL;
	struct json_object *request;
	int64_t id;
	enum status st =
		ctl_arguments(ctl, (const struct ctl_option[]){ { "--lang", &lang } }, 1, &word, 1);
	if (st == STATUS_OK)
		st = ctl_id("ID", word, &id);
	if (st == STATUS_OK && lang && strcmp(lang, "ru") != 0 && strcmp(lang, "en") != 0) {
		ctl_complain("--lang must be ru or en, not '%s'", lang);
		st = STATUS_INVALID;
	}
	if (st == STATUS_OK)
		st = read_request(ctl, id, &request);
	if (st != STATUS_OK)
		return st;
	if (strcmp(json_string_or(request, "state", ""), "done") != 0) {
		ctl_complain("erasure %s is not done, so there is nothing to certify", word);
		json_object_put(request);
		return STATUS_CONFLICT;
	}
	const char *text = act_text(ctl->arena, ctl->config, request, words_language(lang));
	json_add_string(request, "act", text);
	ctl_object(ctl, request);
	ctl->text = text;
	return STATUS_OK;
}

static enum status deletions_find(struct ctl *ctl)
{
	const char *open_id = NULL;
	struct secret key = { 0 };
	struct json_object *items;
	enum status st = ctl_arguments(ctl, NULL, 0, &open_id, 1);
	if (st != STATUS_OK)
		return st;
	if (!ctl->config->record_key_file) {
		ctl_complain("record_key_file is not set, so no hashes were kept");
		return STATUS_REFUSED;
	}
	st = secret_load(ctl->config->record_key_file, &key);
	if (st == STATUS_OK)
		st = listing_read(ctl->db, ctl_deletion_find_sql,
				  PARAMS(erase_subject_hash(ctl->arena, key, open_id)), &items);
	if (st == STATUS_OK)
		ctl_items(ctl, items, "id user_id state origin requested_at finished_at");
	return st;
}

static enum status approve(struct ctl *ctl, const struct deletion_ask *ask, int64_t thread_id,
			   struct deletion_opened *ret_opened)
{
	enum status st = db_begin(ctl->db);
	if (st == STATUS_OK)
		st = deletion_open(ctl->db, ctl->arena, ask, ret_opened);
	if (st == STATUS_OK) {
		ctl->event.subject_id = ret_opened->id;
		ctl->event.code = thread_id ? arena_printf(ctl->arena, "thread_%s",
							   param_int(ctl->arena, thread_id))
					    : NULL;
		st = ctl_record(ctl);
	}
	if (st == STATUS_OK)
		st = db_commit(ctl->db);
	if (st != STATUS_OK) {
		ctl->recorded = false;
		db_rollback(ctl->db);
	}
	return st;
}

/* The operator has verified who asks. The janitor stops everything within minutes. */
static enum status deletions_approve(struct ctl *ctl)
{
	const char *user_text = NULL, *thread_text = NULL;
	int64_t thread_id = 0;
	struct deletion_ask ask = { .origin = "operator" };
	struct deletion_opened opened;
	enum status st = ctl_arguments(ctl,
				       (const struct ctl_option[]){ { "--user", &user_text },
								    { "--thread", &thread_text } },
				       2, NULL, 0);
	if (st == STATUS_OK && !user_text) {
		ctl_complain("whose data? --user ID");
		st = STATUS_INVALID;
	}
	if (st == STATUS_OK)
		st = ctl_id("--user", user_text, &ask.user_id);
	if (st == STATUS_OK)
		st = ctl_id("--thread", thread_text, &thread_id);
	if (st != STATUS_OK)
		return st;
	ask.grace_days = ctl->config->deletion_grace_days;
	ctl->event.user_id = ask.user_id;
	st = approve(ctl, &ask, thread_id, &opened);
	if (st == STATUS_CONFLICT)
		ctl_complain("this user's erasure was asked for already");
	if (st != STATUS_OK)
		return st;
	struct json_object *answer = json_object_new_object();
	json_add_int(answer, "id", opened.id);
	json_add_int(answer, "user_id", ask.user_id);
	json_add_string(answer, "receipt",
			arena_printf(ctl->arena, "%s/deletion/%s", ctl->config->public_url,
				     opened.receipt));
	ctl_object(ctl, answer);
	return STATUS_OK;
}

static const struct ctl_command commands[] = {
	{ "list", "[--state STATE] [--before ID] [--limit N]",
	  "erasures, the newest first; late: 20 days", deletions_list },
	{ "show", "ID", "one erasure: steps, what went, what the record says", deletions_show },
	{ "act", "ID [--lang ru|en]", "the act of destruction and the log extract, to be printed",
	  deletions_act },
	{ "find", "OPEN_ID", "was this TikTok account erased, and when", deletions_find },
	{ "approve", "--user ID [--thread ID]",
	  "erase a user whose request you have verified; shows the receipt once",
	  deletions_approve },
};
const struct ctl_group ctl_deletions = { "deletions", commands, ARRAY_SIZE(commands) };
