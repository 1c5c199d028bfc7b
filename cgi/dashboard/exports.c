/* The user's data as an archive: the settings page's forms, and the file. */
#include "dashboard/dashboard.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "store/export_list.h"
#include "web/form.h"
#include "web/paging.h"
#include "web/request.h"
#include "web/response.h"
#include "web/view_export.h"

enum status page_add_export(struct request *req, struct db *db, struct json_object *view)
{
	struct export_entry *entries;
	size_t count;
	const char *refused = paging_query(req, "export");
	enum status st = export_list(db, req->arena, req->user_id, 0, 1, &entries, &count);
	if (st != STATUS_OK)
		return st;
	bool shown = count > 0 && strcmp(entries[0].state, "cancelled") != 0;
	json_add(view, "export", shown ? view_export(req->arena, &entries[0], VIEW_PAGE) : NULL);
	json_add_bool(view, "export_running", refused && strcmp(refused, "running") == 0);
	json_add_bool(view, "export_too_many", refused && strcmp(refused, "too_many") == 0);
	return STATUS_OK;
}

enum status page_export_ask(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	bool with_videos = form_get(&req->form, "with_videos") != NULL;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = export_ask(db, req->arena, req->user_id, with_videos, req->address, &id);
	if (st == STATUS_CONFLICT)
		return response_redirect(res, "/settings?export=running");
	if (st == STATUS_REFUSED)
		return response_redirect(res, "/settings?export=too_many");
	return st == STATUS_OK ? response_redirect(res, "/settings") : st;
}

enum status page_export_cancel(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = export_cancel(db, req->arena, req->user_id, id);
	/* What is over already shows so. */
	return st == STATUS_OK || st == STATUS_NOT_FOUND ? response_redirect(res, "/settings") : st;
}

/* Ranges and their validator (ETag, If-Range) are nginx's: an archive never changes under its name. */
static enum status send_archive(struct request *req, struct response *res,
				const struct export_entry *entry)
{
	const char *day = entry->ended_at.utc; /* begins with YYYY-MM-DD */
	return response_file(
		res, &(struct response_file){
			     .address = arena_printf(req->arena, "/_exports/%s", entry->file),
			     .content_type = "application/zip",
			     .disposition = arena_printf(
				     req->arena, "attachment; filename=\"my-data-%.10s.zip\"", day),
			     .cache_control = "private, no-store" });
}

enum status export_file(struct request *req, struct response *res)
{
	struct db *db;
	struct export_entry entry;
	int64_t id;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = export_get(db, req->arena, req->user_id, id, &entry);
	if (st != STATUS_OK)
		return st;
	if (strcmp(entry.state, "expired") == 0)
		return response_error(req, res, 410, "export_expired", "This archive has expired",
				      "It was removed when its time was over. Ask for a new one in "
				      "your settings.");
	if (strcmp(entry.state, "ready") != 0 || !entry.file)
		return STATUS_NOT_FOUND;
	st = export_note_fetched(db, req->arena, req->user_id, id, req->address);
	return st == STATUS_OK ? send_archive(req, res, &entry) : st;
}
