/* Videos by the API. */
#include "dashboard/dashboard.h"

#include <string.h>

#include "base/json.h"
#include "store/video_list.h"
#include "web/paging.h"
#include "web/request.h"
#include "web/response.h"
#include "web/view.h"

static bool is_state(const char *text)
{
	return strcmp(text, "checking") == 0 || strcmp(text, "ready") == 0 ||
	       strcmp(text, "refused") == 0;
}

enum status api_videos(struct request *req, struct response *res)
{
	struct db *db;
	struct paging paging;
	struct video_item *videos;
	size_t count;
	const char *state = paging_query(req, "state");
	if (state && !is_state(state))
		request_error(req, "state", "unknown_state",
			      "Must be \"checking\", \"ready\" or \"refused\".");
	enum status st = paging_read(req, PAGING_STANDARD, PAGING_MOST, &paging);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = video_list(db, req->arena, req->user_id, state, paging.cursor,
				paging.limit + 1, &videos, &count);
	if (st != STATUS_OK)
		return st;
	const char *next = paging_trim(&paging, &count)
				   ? paging_cursor(req->arena, videos[count - 1].id)
				   : NULL;
	CLEANUP(json_object_put)
	struct json_object *view =
		view_list(view_videos(req->arena, videos, count, VIEW_API), next);
	return response_json(res, 200, view);
}

enum status api_video(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	struct video_item video;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = video_get(db, req->arena, req->user_id, id, &video);
	if (st != STATUS_OK)
		return st;
	CLEANUP(json_object_put)
	struct json_object *view = view_video(req->arena, &video, VIEW_API);
	return response_json(res, 200, view);
}

enum status api_video_delete(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = video_delete(db, req->arena, req->user_id, id);
	if (st == STATUS_CONFLICT)
		return response_problem(
			req, res, 409, "video_in_use",
			"A post that is scheduled or on its way needs this video. Cancel the "
			"post or wait until it is out.");
	return st == STATUS_OK ? response_empty(res, 204) : st;
}
