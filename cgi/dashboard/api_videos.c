/* Videos by the API. */
#include "dashboard/dashboard.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "dashboard/video_filter.h"
#include "dashboard/video_input.h"
#include "store/post_list.h"
#include "store/video_change.h"
#include "web/paging.h"
#include "web/request.h"
#include "web/response.h"
#include "web/view.h"

enum { CAPTION_START_BYTES = 120 };

enum status api_videos(struct request *req, struct response *res)
{
	struct db *db;
	struct paging paging;
	struct video_filter filter;
	struct video_item *videos;
	size_t count;
	enum status st = video_filter_read(req, &paging, &filter);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = video_list(db, req->arena, req->user_id, &filter, &videos, &count);
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

/* The id of the path and a connection. */
static enum status begin(struct request *req, struct db **ret_db, int64_t *ret_id)
{
	enum status st = request_id(req, ret_id);
	return st == STATUS_OK ? request_db(req, ret_db) : st;
}

static enum status answer_video(struct request *req, struct response *res, struct db *db,
				int64_t id, int status)
{
	struct video_item video;
	enum status st = video_get(db, req->arena, req->user_id, id, &video);
	if (st != STATUS_OK)
		return st;
	CLEANUP(json_object_put)
	struct json_object *view = view_video(req->arena, &video, VIEW_API);
	return response_json(res, status, view);
}

enum status api_video(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	enum status st = begin(req, &db, &id);
	return st == STATUS_OK ? answer_video(req, res, db, id, 200) : st;
}

enum status api_video_change(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	struct video_change change;
	if (!json_is_there(req, res))
		return STATUS_OK;
	enum status st = begin(req, &db, &id);
	if (st == STATUS_OK)
		st = video_input_read(req, &change);
	if (st != STATUS_OK)
		return st;
	st = video_change(db, req->arena, req->user_id, id, &change);
	if (st == STATUS_INVALID)
		request_error(req, "tags", "tag_invalid",
			      "A tag has 1 to 40 characters in lower case.");
	return st == STATUS_OK ? answer_video(req, res, db, id, 200) : st;
}

/* The beginning of a caption, whole characters of it. */
static const char *caption_start(struct request *req, const char *caption)
{
	size_t length = strlen(caption);
	if (length <= CAPTION_START_BYTES)
		return caption;
	length = CAPTION_START_BYTES;
	while (length > 0 && ((unsigned char)caption[length] & 0xc0) == 0x80)
		length--;
	return arena_printf(req->arena, "%.*s…", (int)length, caption);
}

/* 409 with the posts that need the video. */
static enum status answer_in_use(struct request *req, struct response *res, struct db *db,
				 int64_t video_id)
{
	static const char *const states[] = { "scheduled", "publishing", "processing" };
	struct post_filter filter = { .states = states,
				      .state_count = ARRAY_SIZE(states),
				      .video_id = video_id,
				      .limit = PAGING_MOST };
	struct post *posts;
	size_t count;
	enum status st = post_list(db, req->arena, req->user_id, &filter, &posts, &count);
	if (st != STATUS_OK)
		return st;
	struct json_object *list = json_object_new_array();
	for (size_t i = 0; i < count; i++) {
		struct json_object *post = json_object_new_object();
		view_add_id(post, "id", posts[i].id);
		json_add_string(post, "state", post_state_name(posts[i].state));
		view_add_moment(post, "due_at", posts[i].due_at, VIEW_API);
		json_add_string(post, "caption", caption_start(req, posts[i].content.caption));
		json_array_push(list, post);
	}
	return response_problem_with(
		req, res, 409, "video_in_use",
		"A post that is scheduled or on its way needs this video. Cancel the "
		"post or wait until it is out.",
		"posts", list);
}

enum status api_video_delete(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	const char *cancel = paging_query(req, "cancel_posts");
	enum status st = begin(req, &db, &id);
	if (st == STATUS_OK && cancel && strcmp(cancel, "1") != 0) {
		request_error(req, "cancel_posts", "unknown_choice", "Must be \"1\".");
		st = STATUS_INVALID;
	}
	if (st == STATUS_OK)
		st = video_delete(db, req->arena, req->user_id, id, cancel != NULL);
	if (st == STATUS_CONFLICT)
		return answer_in_use(req, res, db, id);
	return st == STATUS_OK ? response_empty(res, 204) : st;
}

enum status api_video_repair(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	struct video_item video;
	enum status st = begin(req, &db, &id);
	if (st == STATUS_OK)
		st = video_repair_ask(db, req->arena, req->user_id, id);
	if (st == STATUS_OK)
		return answer_video(req, res, db, id, 202);
	if (st == STATUS_CONFLICT)
		st = video_get(db, req->arena, req->user_id, id, &video);
	if (st != STATUS_OK)
		return st;
	if (video.repair.state)
		return response_problem(req, res, 409, "repair_exists",
					"A new version of this video is being made, or is there.");
	return response_problem(req, res, 409, "not_repairable",
				"Coding this video anew would not make it one that TikTok takes.");
}

enum status api_video_repair_cancel(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	struct video_item video;
	enum status st = begin(req, &db, &id);
	if (st != STATUS_OK)
		return st;
	st = video_repair_cancel(db, req->arena, req->user_id, id);
	if (st == STATUS_OK)
		return response_empty(res, 204);
	if (st == STATUS_NOT_FOUND)
		st = video_get(db, req->arena, req->user_id, id, &video);
	if (st == STATUS_OK && video.repair.state)
		return response_problem(req, res, 409, "repair_done",
					"The new version is there. Delete it, or the original.");
	return st == STATUS_OK ? STATUS_NOT_FOUND : st;
}
