/* The user's data as an archive, by the API. */
#include "dashboard/dashboard.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/json.h"
#include "store/export_list.h"
#include "web/paging.h"
#include "web/request.h"
#include "web/response.h"
#include "web/view_export.h"

enum status api_exports(struct request *req, struct response *res)
{
	struct db *db;
	struct paging paging;
	struct export_entry *entries;
	size_t count;
	enum status st = paging_read(req, PAGING_STANDARD, PAGING_MOST, &paging);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = export_list(db, req->arena, req->user_id, paging.cursor, paging.limit + 1,
				 &entries, &count);
	if (st != STATUS_OK)
		return st;
	const char *next = paging_trim(&paging, &count)
				   ? paging_cursor(req->arena, entries[count - 1].id)
				   : NULL;
	CLEANUP(json_object_put)
	struct json_object *view =
		view_list(view_exports(req->arena, entries, count, VIEW_API), next);
	return response_json(res, 200, view);
}

static enum status answer_export(struct request *req, struct response *res, struct db *db,
				 int64_t id, int status)
{
	struct export_entry entry;
	enum status st = export_get(db, req->arena, req->user_id, id, &entry);
	if (st != STATUS_OK)
		return st;
	CLEANUP(json_object_put)
	struct json_object *view = view_export(req->arena, &entry, VIEW_API);
	return response_json(res, status, view);
}

enum status api_export(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	return st == STATUS_OK ? answer_export(req, res, db, id, 200) : st;
}

enum status api_export_ask(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	bool with_videos = true;
	if (!json_is_there(req, res))
		return STATUS_OK;
	if (json_get_bool(req->json, "with_videos", &with_videos) == STATUS_INVALID) {
		request_error(req, "with_videos", "wrong_type", "Must be true or false.");
		return STATUS_INVALID;
	}
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = export_ask(db, req->arena, req->user_id, with_videos, req->address, &id);
	if (st == STATUS_CONFLICT)
		return response_problem(req, res, 409, "export_running",
					"An archive is being made already. Wait until it is "
					"ready, or cancel it.");
	if (st == STATUS_REFUSED) {
		response_header(res, "Retry-After", "3600");
		return response_problem(req, res, 429, "too_many_exports",
					"Three archives were asked for within a day. Try again "
					"tomorrow.");
	}
	if (st != STATUS_OK)
		return st;
	response_header(res, "Location", arena_printf(req->arena, "/api/v1/exports/%" PRId64, id));
	return answer_export(req, res, db, id, 202);
}

enum status api_export_cancel(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = export_cancel(db, req->arena, req->user_id, id);
	return st == STATUS_OK ? response_empty(res, 204) : st;
}
