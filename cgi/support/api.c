/* Threads of whoever is signed in, by the API. */
#include "support/support.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/token.h"
#include "base/utf8.h"
#include "store/db.h"
#include "web/paging.h"
#include "web/request.h"
#include "web/response.h"
#include "web/view.h"

enum { KEY_MAX_BYTES = 255 };

static bool body_is_there(struct request *req, struct response *res)
{
	if (req->json)
		return true;
	bool form = req->form.count > 0;
	response_problem(req, res, form ? 415 : 400,
			 form ? "unsupported_media_type" : "body_missing", "Send a JSON object.");
	return false;
}

static struct json_object *thread_view(const struct support_thread *thread)
{
	struct json_object *view = json_object_new_object();
	view_add_id(view, "id", thread->id);
	json_add_string(view, "kind", thread->kind);
	json_add_string(view, "state", thread->state);
	json_add_string(view, "subject", thread->subject);
	json_add_string(view, "email", *thread->email ? thread->email : NULL);
	view_add_moment(view, "created_at", thread->created_at, VIEW_API);
	view_add_moment(view, "updated_at", thread->updated_at, VIEW_API);
	return view;
}

enum status api_threads(struct request *req, struct response *res)
{
	struct db *db;
	struct paging paging;
	struct support_thread *threads;
	size_t count;
	enum status st = paging_read(req, PAGING_STANDARD, PAGING_MOST, &paging);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = support_list(db, req->arena, req->user_id, paging.cursor, paging.limit + 1,
				  &threads, &count);
	if (st != STATUS_OK)
		return st;
	const char *next = paging_trim(&paging, &count)
				   ? paging_cursor(req->arena, threads[count - 1].id)
				   : NULL;
	struct json_object *items = json_object_new_array();
	for (size_t i = 0; i < count; i++)
		json_array_push(items, thread_view(&threads[i]));
	CLEANUP(json_object_put) struct json_object *view = view_list(items, next);
	return response_json(res, 200, view);
}

static enum status answer_thread(struct request *req, struct response *res, int64_t id, int status)
{
	struct db *db;
	struct support_thread thread;
	struct support_message *messages;
	size_t count;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = support_find(db, req->arena, req->user_id, id, &thread);
	if (st == STATUS_OK)
		st = support_messages(db, req->arena, id, SUPPORT_MESSAGES_SHOWN, &messages,
				      &count);
	if (st != STATUS_OK)
		return st;
	CLEANUP(json_object_put) struct json_object *view = thread_view(&thread);
	struct json_object *items = json_object_new_array();
	json_add(view, "messages", items);
	for (size_t i = 0; i < count; i++) {
		struct json_object *item = json_object_new_object();
		json_add_string(item, "author", messages[i].author);
		json_add_string(item, "message", messages[i].body);
		view_add_moment(item, "created_at", messages[i].created_at, VIEW_API);
		json_array_push(items, item);
	}
	return response_json(res, status, view);
}

enum status api_thread(struct request *req, struct response *res)
{
	int64_t id;
	enum status st = request_id(req, &id);
	return st == STATUS_OK ? answer_thread(req, res, id, 200) : st;
}

/* The Idempotency-Key in place of a form's word; without one every request is a message of its own. */
static enum status read_key(struct request *req, const char **ret_form)
{
	static const char header[] = "HTTP_IDEMPOTENCY_KEY";
	const char *key = request_param(req, header);
	size_t length = key ? strlen(key) : 0;
	if (key && (request_param_count(req, header) > 1 || length == 0 || length > KEY_MAX_BYTES ||
		    !utf8_is_valid(key, length) || !utf8_is_printable(key, /* lines= */ false))) {
		request_error(req, "", "idempotency_key_invalid",
			      "An Idempotency-Key is one header of 1 to 255 printable characters.");
		return STATUS_INVALID;
	}
	*ret_form = key ? arena_printf(req->arena, "key %s", key) : token_new(req->arena);
	return STATUS_OK;
}

static enum status answer_too_many(struct request *req, struct response *res, int64_t wait)
{
	response_header(res, "Retry-After", arena_printf(req->arena, "%" PRId64, wait));
	return response_problem(req, res, 429, "too_many_messages",
				arena_printf(req->arena,
					     "There have been too many messages. Try again in %s.",
					     input_wait_text(req, wait)));
}

enum status api_send(struct request *req, struct response *res)
{
	struct db *db;
	const char *form, *word;
	int64_t id, wait = 0;
	if (!body_is_there(req, res))
		return STATUS_OK;
	struct support_input input = input_thread(req);
	enum status st = read_key(req, &form);
	if (req->error_count)
		return STATUS_INVALID;
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st != STATUS_OK)
		return st;
	struct support_draft draft = input_draft(req, &input, form);
	st = support_open(db, req->arena, &draft, &id, &word, &wait);
	if (st == STATUS_REFUSED)
		return answer_too_many(req, res, wait);
	if (st != STATUS_OK)
		return st;
	response_header(res, "Location", arena_printf(req->arena, "/api/v1/support/%" PRId64, id));
	return answer_thread(req, res, id, 201);
}

enum status api_reply(struct request *req, struct response *res)
{
	struct db *db;
	struct support_thread thread;
	const char *form;
	int64_t id, wait = 0;
	enum status st = request_id(req, &id);
	if (st != STATUS_OK)
		return st;
	if (!body_is_there(req, res))
		return STATUS_OK;
	struct support_input input = input_reply(req);
	st = read_key(req, &form);
	if (req->error_count)
		return STATUS_INVALID;
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = support_find(db, req->arena, req->user_id, id, &thread);
	if (st == STATUS_OK)
		st = support_reply(db, req->arena, &thread, form, input.message, req->address,
				   &wait);
	if (st == STATUS_REFUSED)
		return answer_too_many(req, res, wait);
	return st == STATUS_OK ? answer_thread(req, res, id, 201) : st;
}
