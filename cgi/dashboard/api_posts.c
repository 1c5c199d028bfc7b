/* Posts by the API: lists, one, its timeline, and what its owner does to it. */
#include "dashboard/dashboard.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "base/number.h"
#include "base/token.h"
#include "base/utf8.h"
#include "dashboard/post_filter.h"
#include "store/post_change.h"
#include "store/post_list.h"
#include "store/user.h"
#include "web/paging.h"
#include "web/request.h"
#include "web/response.h"
#include "web/view.h"

enum {
	TIMELINE_MOST = 500,
	EDIT_TRIES = 3, /* a publisher may claim the post between reading and writing */
	KEY_MAX_BYTES = 255,
};

enum status api_posts(struct request *req, struct response *res)
{
	struct db *db;
	struct paging paging;
	struct post_filter filter;
	struct post *posts;
	size_t count;
	enum status st = post_filter_read(req, &paging, &filter);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = post_list(db, req->arena, req->user_id, &filter, &posts, &count);
	if (st != STATUS_OK)
		return st;
	const char *next = paging_trim(&paging, &count)
				   ? paging_cursor(req->arena, posts[count - 1].id)
				   : NULL;
	CLEANUP(json_object_put)
	struct json_object *view = view_list(view_posts(req->arena, posts, count, VIEW_API), next);
	return response_json(res, 200, view);
}

static enum status answer_post(struct request *req, struct response *res, struct db *db, int64_t id,
			       int status)
{
	struct post post;
	enum status st = post_get(db, req->arena, req->user_id, id, &post);
	if (st != STATUS_OK)
		return st;
	CLEANUP(json_object_put) struct json_object *view = view_post(req->arena, &post, VIEW_API);
	return response_json(res, status, view);
}

enum status api_post(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	return st == STATUS_OK ? answer_post(req, res, db, id, 200) : st;
}

enum status api_post_timeline(struct request *req, struct response *res)
{
	struct db *db;
	struct post post;
	struct paging paging;
	struct post_event *events;
	size_t count;
	int64_t id;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = paging_read(req, TIMELINE_MOST, TIMELINE_MOST, &paging);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = post_get(db, req->arena, req->user_id, id, &post);
	if (st == STATUS_OK)
		st = post_timeline(db, req->arena, req->user_id, id, paging.cursor,
				   paging.limit + 1, &events, &count);
	if (st != STATUS_OK)
		return st;
	const char *next = paging_trim(&paging, &count)
				   ? paging_cursor(req->arena, events[count - 1].id)
				   : NULL;
	CLEANUP(json_object_put)
	struct json_object *view = view_list(view_events(events, count, VIEW_API), next);
	return response_json(res, 200, view);
}

/*
 * Faults of the input are 422; where only the state of something else stands in the way it is 409.
 * The problem's code is the first of them.
 */
static enum status answer_faults(struct request *req, struct response *res,
				 const struct post_faults *faults)
{
	const struct post_fault *first = &faults->items[0];
	int status = 409;
	for (size_t i = 0; i < faults->count; i++) {
		const struct post_fault *fault = &faults->items[i];
		request_error(req, fault->field, fault->code, fault->message);
		if (!fault->conflict && status == 409) {
			status = 422;
			first = fault;
		}
	}
	if (strcmp(first->code, "too_many_posts") == 0) {
		status = 429;
		response_header(res, "Retry-After", "3600");
	}
	return response_problem(req, res, status, first->code, first->message);
}

/* The Idempotency-Key, hashed with what the key is good for. STATUS_INVALID: not a usable one. */
static enum status read_key(struct request *req, struct post_key *ret_key)
{
	static const char header[] = "HTTP_IDEMPOTENCY_KEY";
	const char *text = request_param(req, header);
	*ret_key = (struct post_key){ 0 };
	if (!text)
		return STATUS_OK;
	size_t length = strlen(text);
	if (request_param_count(req, header) > 1 || length == 0 || length > KEY_MAX_BYTES ||
	    !utf8_is_valid(text, length) || !utf8_is_printable(text, /* lines= */ false))
		return STATUS_INVALID;
	ret_key->key_hash = token_hash(req->arena, "idempotency key", text);
	ret_key->body_hash = token_sha256(req->arena, req->body, req->body_length);
	return STATUS_OK;
}

static enum status answer_created(struct request *req, struct response *res, struct db *db,
				  int64_t post_id)
{
	response_header(res, "Location",
			arena_printf(req->arena, "/api/v1/posts/%" PRId64, post_id));
	return answer_post(req, res, db, post_id, 201);
}

/* The answer to a key that is known already. STATUS_NOT_FOUND: it is not. */
static enum status answer_known_key(struct request *req, struct response *res, struct db *db,
				    struct post_key key)
{
	int64_t post_id;
	if (!key.key_hash)
		return STATUS_NOT_FOUND;
	enum status st = post_key_find(db, req->arena, req->user_id, key, &post_id);
	if (st == STATUS_OK)
		return answer_created(req, res, db, post_id);
	if (st == STATUS_CONFLICT)
		return response_problem(req, res, 422, "idempotency_key_reused",
					"This Idempotency-Key came with another request before.");
	return st;
}

static enum status create(struct request *req, struct response *res, struct db *db,
			  struct post_key key)
{
	struct user user;
	struct post_faults faults = { .count = 0 };
	struct post_change change;
	int64_t post_id;
	enum status st = user_get(db, req->arena, req->user_id, &user);
	if (st != STATUS_OK)
		return st;
	struct post_input input = { .content = { .time_zone = user.time_zone, .caption = "" } };
	post_input_read(req->arena, req->json, &input, &faults);
	st = post_plan(db, req->arena, req->user_id, req->config->tiktok_audited, NULL, &input,
		       &faults, &change);
	if (st != STATUS_OK)
		return st;
	if (faults.count)
		return answer_faults(req, res, &faults);
	st = post_create(db, req->arena, req->user_id, &change, key, &post_id);
	if (st == STATUS_OK)
		return answer_created(req, res, db, post_id);
	/* Its account or video went away between plan and write. */
	return st == STATUS_NOT_FOUND ? STATUS_CONFLICT : st;
}

enum status api_post_create(struct request *req, struct response *res)
{
	struct db *db;
	struct post_key key;
	if (!json_is_there(req, res))
		return STATUS_OK;
	if (read_key(req, &key) != STATUS_OK)
		return response_problem(
			req, res, 422, "idempotency_key_invalid",
			"An Idempotency-Key is one header of 1 to 255 printable characters.");
	enum status st = request_db(req, &db);
	if (st != STATUS_OK)
		return st;
	st = answer_known_key(req, res, db, key);
	if (st != STATUS_NOT_FOUND)
		return st;
	st = create(req, res, db, key);
	/* The same request was faster on another connection: answer with what that one made. */
	if (st == STATUS_CONFLICT && key.key_hash) {
		st = answer_known_key(req, res, db, key);
		return st == STATUS_NOT_FOUND ? STATUS_CONFLICT : st;
	}
	return st;
}

static bool may_change(enum post_state state)
{
	return state == POST_DRAFT || state == POST_SCHEDULED || state == POST_HELD;
}

static enum status answer_too_late(struct request *req, struct response *res, enum post_state state)
{
	if (state == POST_PUBLISHING || state == POST_PROCESSING)
		return response_problem(
			req, res, 409, "post_in_flight",
			"This post is on its way to TikTok and can no longer be changed or "
			"cancelled.");
	return response_problem(req, res, 409, "post_finished",
				state == POST_CANCELLED
					? "This post was cancelled. Write it anew to send it."
					: "This post is finished and can no longer be changed.");
}

/* One try. STATUS_NOT_FOUND from the write becomes STATUS_CONFLICT: read again. */
static enum status change_once(struct request *req, struct response *res, struct db *db, int64_t id)
{
	struct post post;
	struct post_change change;
	struct post_faults faults = { .count = 0 };
	enum status st = post_get(db, req->arena, req->user_id, id, &post);
	if (st != STATUS_OK)
		return st;
	if (!may_change(post.state))
		return answer_too_late(req, res, post.state);
	struct post_input input = { .content = post.content };
	post_input_read(req->arena, req->json, &input, &faults);
	st = post_plan(db, req->arena, req->user_id, req->config->tiktok_audited, &post, &input,
		       &faults, &change);
	if (st != STATUS_OK)
		return st;
	if (faults.count)
		return answer_faults(req, res, &faults);
	st = post_edit(db, req->arena, req->user_id, &post, &change);
	if (st == STATUS_NOT_FOUND)
		return STATUS_CONFLICT;
	return st == STATUS_OK ? answer_post(req, res, db, id, 200) : st;
}

enum status api_post_change(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	if (!json_is_there(req, res))
		return STATUS_OK;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st != STATUS_OK)
		return st;
	st = STATUS_CONFLICT;
	for (int try = 0; try < EDIT_TRIES && st == STATUS_CONFLICT; try++)
		st = change_once(req, res, db, id);
	return st;
}

enum status api_post_cancel(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = post_cancel(db, req->arena, req->user_id, id);
	if (st == STATUS_OK)
		return answer_post(req, res, db, id, 200);
	struct post post;
	if (st == STATUS_CONFLICT && post_get(db, req->arena, req->user_id, id, &post) == STATUS_OK)
		return answer_too_late(req, res, post.state);
	return st;
}
