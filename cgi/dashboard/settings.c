/* The settings page, and what it saves. */
#include "dashboard/dashboard.h"

#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "base/number.h"
#include "base/words.h"
#include "store/db.h"
#include "store/user.h"
#include "templates.h"
#include "web/policy_words.h"
#include "web/request.h"
#include "web/response.h"

static enum status add_zones(struct db *db, struct json_object *view)
{
	const char *const *names;
	size_t count;
	enum status st = when_zones(db, &names, &count);
	if (st != STATUS_OK)
		return st;
	const char *own = json_string_or(view, "time_zone", "");
	struct json_object *zones = json_object_new_array();
	for (size_t i = 0; i < count; i++) {
		struct json_object *zone = json_object_new_object();
		json_add_string(zone, "name", names[i]);
		json_add_bool(zone, "selected", strcmp(names[i], own) == 0);
		json_array_push(zones, zone);
	}
	json_add(view, "time_zones", zones);
	return STATUS_OK;
}

static void add_period(struct json_object *periods, const char *value, const char *name,
		       bool selected)
{
	struct json_object *period = json_object_new_object();
	json_add_string(period, "value", value);
	json_add_string(period, "name", name);
	json_add_bool(period, "selected", selected);
	json_array_push(periods, period);
}

/* What can be chosen for videos that have gone out; a period that was set through the API is there too. */
static void add_periods(struct request *req, const struct user *user, struct json_object *view)
{
	static const int64_t days[] = { 7, 30, 90, 365 };
	struct json_object *periods = json_object_new_array();
	int64_t site = req->config->retention_posted_videos_days, own = user->keep_posted_days;
	bool listed = own == 0;
	const char *does = site ? arena_printf(req->arena, "after %s",
					       policy_hours_text(req->arena, site * 24, WORDS_EN))
				: "never";
	add_period(periods, "", arena_printf(req->arena, "As this site does: %s", does), own == 0);
	for (size_t i = 0; i < ARRAY_SIZE(days); i++) {
		add_period(periods, param_int(req->arena, days[i]),
			   arena_printf(req->arena, "After %s",
					policy_hours_text(req->arena, days[i] * 24, WORDS_EN)),
			   own == days[i]);
		listed = listed || own == days[i];
	}
	if (!listed)
		add_period(periods, param_int(req->arena, own),
			   arena_printf(req->arena, "After %s",
					policy_hours_text(req->arena, own * 24, WORDS_EN)),
			   true);
	json_add(view, "keep_posted", periods);
}

enum status page_settings(struct request *req, struct response *res)
{
	struct db *db;
	struct user user;
	CLEANUP(json_object_put) struct json_object *view = NULL;
	enum status st = page_begin(req, &db, &view);
	if (st == STATUS_OK)
		st = user_get(db, req->arena, req->user_id, &user);
	if (st == STATUS_OK)
		st = page_add_export(req, db, view);
	if (st == STATUS_OK)
		st = add_zones(db, view);
	if (st != STATUS_OK)
		return st;
	add_periods(req, &user, view);
	json_add_bool(view, "is_russian", words_language(user.language) == WORDS_RU);
	return response_page(req, res, 200, "Settings", settings_html, view);
}

/* The one form of the pages; everything else they do is a call of the API. */
enum status page_settings_save(struct request *req, struct response *res)
{
	struct db *db;
	int64_t days = -1;
	const char *zone = form_get(&req->form, "time_zone");
	const char *language = form_get(&req->form, "language");
	const char *keep = form_get(&req->form, "keep_posted_days");
	if (keep && !*keep)
		days = 0;
	else if (keep && number_parse(keep, 1, USER_KEEP_POSTED_DAYS_MAX, &days) != STATUS_OK)
		return STATUS_INVALID;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = zone ? when_zone_check(db, zone) : STATUS_NOT_FOUND;
	if (st == STATUS_NOT_FOUND)
		return response_redirect(res, "/settings?error=time_zone");
	if (st == STATUS_OK)
		st = settings_store(req, db, zone, language, days);
	return st == STATUS_OK ? response_redirect(res, "/settings?saved=1") : st;
}
