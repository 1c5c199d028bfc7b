/* The handlers of the dashboard; the route table in cgi/dashboard.c says which answers what. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct db;
struct json_object;
struct request;
struct response;

/* The user's settings. */
enum status api_me(struct request *req, struct response *res);
enum status api_me_change(struct request *req, struct response *res);
enum status api_time_zones(struct request *req, struct response *res);
enum status api_local_time(struct request *req, struct response *res);

/* Connected accounts. */
enum status api_accounts(struct request *req, struct response *res);
enum status api_account(struct request *req, struct response *res);
enum status api_account_disconnect(struct request *req, struct response *res);

/* Videos. */
enum status api_videos(struct request *req, struct response *res);
enum status api_video(struct request *req, struct response *res);
enum status api_video_change(struct request *req, struct response *res);
enum status api_video_delete(struct request *req, struct response *res);
enum status api_video_repair(struct request *req, struct response *res);
enum status api_video_repair_cancel(struct request *req, struct response *res);

/* What videos take, and videos from elsewhere. */
enum status api_storage(struct request *req, struct response *res);
enum status api_imports(struct request *req, struct response *res);
enum status api_import(struct request *req, struct response *res);
enum status api_import_ask(struct request *req, struct response *res);
enum status api_import_forget(struct request *req, struct response *res);

/* The user's data as an archive: by the API, by forms, and the file, which nginx delivers. */
enum status api_exports(struct request *req, struct response *res);
enum status api_export(struct request *req, struct response *res);
enum status api_export_ask(struct request *req, struct response *res);
enum status api_export_cancel(struct request *req, struct response *res);
enum status page_export_ask(struct request *req, struct response *res);
enum status page_export_cancel(struct request *req, struct response *res);
enum status export_file(struct request *req, struct response *res);

/* Posts. */
enum status api_posts(struct request *req, struct response *res);
enum status api_post(struct request *req, struct response *res);
enum status api_post_create(struct request *req, struct response *res);
enum status api_post_change(struct request *req, struct response *res);
enum status api_post_cancel(struct request *req, struct response *res);
enum status api_post_timeline(struct request *req, struct response *res);

/* Pages. */
enum status page_home(struct request *req, struct response *res);
enum status page_videos(struct request *req, struct response *res);
enum status page_video(struct request *req, struct response *res);
enum status page_posts(struct request *req, struct response *res);
enum status page_post(struct request *req, struct response *res);
enum status page_post_new(struct request *req, struct response *res);
enum status page_post_edit(struct request *req, struct response *res);
enum status page_calendar(struct request *req, struct response *res);
enum status page_accounts(struct request *req, struct response *res);
enum status page_settings(struct request *req, struct response *res);
enum status page_settings_save(struct request *req, struct response *res);

/* Asking for consent to the current policy and terms. */
enum status page_accept(struct request *req, struct response *res);
enum status page_accept_save(struct request *req, struct response *res);
/*
 * The user's record, and the way out of all browsers; settings, noted in the record (keep_days: of posted videos, 0: as
 * the site does; -1: as it was).
 */
enum status api_events(struct request *req, struct response *res);
enum status page_activity(struct request *req, struct response *res);
enum status sign_out_everywhere(struct request *req, struct response *res);
enum status settings_store(struct request *req, struct db *db, const char *zone,
			   const char *language, int64_t keep_days);

/* Files, delivered by nginx. */
enum status media_file(struct request *req, struct response *res);
enum status media_thumbnail(struct request *req, struct response *res);
enum status media_strip(struct request *req, struct response *res);

/* Whether this program answers; whether the whole does its job. */
enum status health_alive(struct request *req, struct response *res);
enum status health_ready(struct request *req, struct response *res);

/*
 * The connection, and a view with what every page needs: zone, language, what is to be said while
 * TikTok does not answer. The caller puts ret_view in any case.
 */
enum status page_begin(struct request *req, struct db **ret_db, struct json_object **ret_view);

/* Add to the settings page what became of the latest export, and why a form was refused. */
enum status page_add_export(struct request *req, struct db *db, struct json_object *view);

/* Add the member policy: {version, accepted}. */
enum status policy_view(struct request *req, struct db *db, struct json_object *view);

/* True when the request has a JSON object; else the answer says what is missing. */
bool json_is_there(struct request *req, struct response *res);
