/* The signed-in user: settings, limits, time zones. */
#include "dashboard/dashboard.h"

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "store/account.h"
#include "store/db.h"
#include "store/breaker.h"
#include "store/post_input.h"
#include "store/user.h"
#include "store/when.h"
#include "web/paging.h"
#include "web/request.h"
#include "web/response.h"
#include "web/tus.h"
#include "web/view.h"

bool json_is_there(struct request *req, struct response *res)
{
	if (req->json)
		return true;
	bool form = req->form.count > 0;
	response_problem(req, res, form ? 415 : 400,
			 form ? "unsupported_media_type" : "body_missing", "Send a JSON object.");
	return false;
}

static struct json_object *limits(const struct config *config)
{
	struct json_object *view = json_object_new_object();
	json_add_int(view, "max_upload_bytes", TUS_MAX_SIZE);
	json_add_int(view, "caption_max_utf16", POST_CAPTION_UTF16_MAX);
	json_add_int(view, "schedule_max_days", POST_SCHEDULE_DAYS_MAX);
	json_add_int(view, "posts_per_day", POST_CREATIONS_PER_DAY);
	/* Until TikTok has audited the app, direct posts can only be SELF_ONLY (UX-36). */
	json_add_bool(view, "audited", config->tiktok_audited);
	return view;
}

/* Whether TikTok answers; while it does not, the queue waits and nothing is lost. */
static struct json_object *tiktok(struct moment since)
{
	struct json_object *view = json_object_new_object();
	json_add_string(view, "state", since.utc ? "down" : "ok");
	view_add_moment(view, "since", since, VIEW_API);
	return view;
}

enum status api_me(struct request *req, struct response *res)
{
	struct db *db;
	struct user user;
	struct account *accounts;
	struct moment since;
	size_t count;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = user_get(db, req->arena, req->user_id, &user);
	if (st == STATUS_OK)
		st = account_list(db, req->arena, req->user_id, &accounts, &count);
	if (st == STATUS_OK)
		st = breaker_since(db, req->arena, req->user_id, &since);
	if (st != STATUS_OK)
		return st;
	CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
	view_add_id(view, "id", user.id);
	json_add_string(view, "csrf_token", req->csrf_token);
	json_add_string(view, "time_zone", user.time_zone);
	json_add_string(view, "language", user.language);
	view_add_known(view, "keep_posted_days", user.keep_posted_days);
	view_add_moment(view, "created_at", user.created_at, VIEW_API);
	json_add(view, "accounts", view_accounts(req->arena, accounts, count, VIEW_API));
	json_add(view, "limits", limits(req->config));
	json_add(view, "tiktok", tiktok(since));
	st = policy_view(req, db, view);
	return st == STATUS_OK ? response_json(res, 200, view) : st;
}

/* A string member that may be absent; what is wrong is noted. */
static const char *read_text(struct request *req, const char *name)
{
	const char *text = NULL;
	if (json_get_string(req->json, name, &text) == STATUS_INVALID)
		request_error(req, name, "wrong_type", "Must be text.");
	return text;
}

/*
 * The period for posted videos: *ret_days is -1 where it is not to change; null is 0, "as the site
 * does"; what is wrong is noted.
 */
static void read_keep_posted(struct request *req, int64_t *ret_days)
{
	struct json_object *value;
	int64_t days;
	*ret_days = -1;
	if (!json_object_object_get_ex(req->json, "keep_posted_days", &value))
		return;
	if (!value)
		*ret_days = 0;
	else if (json_get_int(req->json, "keep_posted_days", &days) == STATUS_OK && days >= 1 &&
		 days <= USER_KEEP_POSTED_DAYS_MAX)
		*ret_days = days;
	else
		request_error(req, "keep_posted_days", "out_of_range",
			      "Must be a number of days from 1 to 3650, or null.");
}

enum status api_me_change(struct request *req, struct response *res)
{
	struct db *db;
	if (!json_is_there(req, res))
		return STATUS_OK;
	const char *zone = read_text(req, "time_zone");
	const char *language = read_text(req, "language");
	int64_t keep_days;
	read_keep_posted(req, &keep_days);
	enum status st = request_db(req, &db);
	if (st != STATUS_OK)
		return st;
	if (zone) {
		st = when_zone_check(db, zone);
		if (st == STATUS_NOT_FOUND)
			request_error(req, "time_zone", "unknown_time_zone",
				      "There is no such time zone. Names look like Europe/Moscow.");
		else if (st != STATUS_OK)
			return st;
	}
	if (req->error_count)
		return STATUS_INVALID;
	st = settings_store(req, db, zone, language, keep_days);
	if (st == STATUS_INVALID)
		request_error(req, "language", "unknown_language", "Must be \"en\" or \"ru\".");
	return st == STATUS_OK ? api_me(req, res) : st;
}

enum status api_time_zones(struct request *req, struct response *res)
{
	struct db *db;
	const char *const *names;
	size_t count;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = when_zones(db, &names, &count);
	if (st != STATUS_OK)
		return st;
	struct json_object *items = json_object_new_array();
	for (size_t i = 0; i < count; i++) {
		struct json_object *item = json_object_new_object();
		json_add_string(item, "name", names[i]);
		json_array_push(items, item);
	}
	CLEANUP(json_object_put) struct json_object *view = view_list(items, NULL);
	return response_json(res, 200, view);
}

/* What a local time means, before anything is saved (design 6). */
enum status api_local_time(struct request *req, struct response *res)
{
	struct db *db;
	struct user user;
	struct moment moment;
	enum when_note note;
	const char *zone = paging_query(req, "zone");
	const char *local = paging_query(req, "time");
	enum status st = request_db(req, &db);
	if (st == STATUS_OK && !zone) {
		st = user_get(db, req->arena, req->user_id, &user);
		zone = user.time_zone;
	}
	if (st == STATUS_OK)
		st = when_zone_check(db, zone);
	if (st == STATUS_NOT_FOUND)
		request_error(req, "zone", "unknown_time_zone",
			      "There is no such time zone. Names look like Europe/Moscow.");
	else if (st != STATUS_OK)
		return st;
	if (!local || !when_is_local(local))
		request_error(req, "time", "malformed_time",
			      "Must be a local time, like 2026-11-22T14:05.");
	if (req->error_count)
		return STATUS_INVALID;
	st = when_resolve(db, req->arena, zone, local, &moment, &note);
	if (st != STATUS_OK)
		return st;
	CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
	json_add_string(view, "due_at", moment.utc);
	json_add_string(view, "note", when_note_name(note));
	return response_json(res, 200, view);
}
