/* The form, and a thread, as pages that need no JavaScript. */
#include "support/support.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "base/token.h"
#include "store/db.h"
#include "templates.h"
#include "web/request.h"
#include "web/response.h"
#include "web/view.h"

enum { THREADS_SHOWN = 50 };

static const char send_failed[] = "It was not sent yet: look below.";

static const char *state_text(const char *state)
{
	if (strcmp(state, "answered") == 0)
		return "Answered";
	return strcmp(state, "closed") == 0 ? "Closed" : "Waits for an answer";
}

static const char *title_of(const struct support_thread *thread)
{
	return strcmp(thread->kind, "deletion") == 0 ? "Request to delete data" : thread->subject;
}

/* What is wrong with a field, NULL when nothing is. */
static const char *error_of(const struct request *req, const char *name)
{
	for (size_t i = 0; i < req->error_count; i++) {
		if (strcmp(req->errors[i].field, name) == 0)
			return req->errors[i].message;
	}
	return NULL;
}

static struct json_object *thread_view(const struct support_thread *thread)
{
	struct json_object *view = json_object_new_object();
	json_add_int(view, "id", thread->id);
	json_add_string(view, "thread_title", title_of(thread));
	json_add_string(view, "state", thread->state);
	json_add_string(view, "state_text", state_text(thread->state));
	view_add_moment(view, "updated_at", thread->updated_at, VIEW_PAGE);
	return view;
}

static enum status add_threads(struct request *req, struct json_object *view)
{
	struct json_object *list = json_object_new_array();
	json_add(view, "threads", list);
	struct support_thread *threads = NULL;
	size_t count = 0;
	if (req->user_id) {
		struct db *db;
		enum status st = request_db(req, &db);
		if (st == STATUS_OK)
			st = support_list(db, req->arena, req->user_id, 0, THREADS_SHOWN, &threads,
					  &count);
		if (st != STATUS_OK)
			return st;
	}
	for (size_t i = 0; i < count; i++)
		json_array_push(list, thread_view(&threads[i]));
	json_add_bool(view, "has_threads", count > 0);
	return STATUS_OK;
}

/* The fields that were sent, with what is wrong with each. */
static void add_fields(struct request *req, struct json_object *view,
		       const struct support_input *input)
{
	const char *const fields[][3] = {
		{ "subject", "subject_error", input->subject },
		{ "message", "message_error", input->message },
		{ "email", "email_error", input->email },
		{ "tiktok_name", "tiktok_name_error", input->tiktok_name },
	};
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		json_add_string(view, fields[i][0], fields[i][2] ? fields[i][2] : "");
		json_add_string(view, fields[i][1], error_of(req, fields[i][0]));
	}
	json_add_string(view, "form_word", input_form_new(req));
}

static enum status show_form(struct request *req, struct response *res, int status,
			     const struct support_input *input, const char *problem)
{
	CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
	enum status st = add_threads(req, view);
	if (st != STATUS_OK)
		return st;
	add_fields(req, view, input);
	json_add_bool(view, "is_deletion", input->is_deletion);
	json_add_bool(view, "answers_mailed", req->config->support_sendmail != NULL);
	json_add_string(view, "problem", problem);
	return response_page(req, res, status, input->is_deletion ? "Ask for deletion" : "Contact",
			     support_html, view);
}

enum status page_form(struct request *req, struct response *res)
{
	const char *kind = form_get(&req->query, "kind");
	struct support_input input = { .is_deletion = kind && strcmp(kind, "deletion") == 0 };
	/* Whoever is signed in needs to prove nothing. */
	if (input.is_deletion && req->user_id)
		return response_redirect(res, "/deletion");
	return show_form(req, res, 200, &input, NULL);
}

/* Says how long to wait, and the other way. */
static const char *too_many(struct request *req, struct response *res, int64_t wait)
{
	response_header(res, "Retry-After", arena_printf(req->arena, "%" PRId64, wait));
	return arena_printf(req->arena,
			    "It was not sent: there have been too many messages. Try again in %s, "
			    "or write to %s.",
			    input_wait_text(req, wait), req->config->support_email);
}

enum status page_send(struct request *req, struct response *res)
{
	struct support_input input = input_thread(req);
	struct db *db;
	const char *form, *word;
	int64_t id, wait = 0;
	if (req->error_count)
		return show_form(req, res, 422, &input, send_failed);
	enum status st = input_form(req, &form);
	if (st == STATUS_REFUSED)
		return response_redirect(
			res, arena_printf(req->arena, "/support/%s", token_new(req->arena)));
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st != STATUS_OK)
		return st;
	struct support_draft draft = input_draft(req, &input, form);
	st = support_open(db, req->arena, &draft, &id, &word, &wait);
	if (st == STATUS_REFUSED)
		return show_form(req, res, 429, &input, too_many(req, res, wait));
	if (st != STATUS_OK)
		return st;
	return response_redirect(res, req->user_id
					      ? arena_printf(req->arena, "/support/%" PRId64, id)
					      : arena_printf(req->arena, "/support/%s", word));
}

/* By the word, which anybody may hold, or by number for its user. */
static enum status find_thread(struct request *req, struct support_thread *ret_thread)
{
	struct db *db;
	int64_t id = 0;
	bool by_word = token_is_word(req->id);
	enum status st = by_word ? STATUS_OK : request_id(req, &id);
	if (st == STATUS_OK && !by_word && !req->user_id)
		st = STATUS_NOT_FOUND;
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st != STATUS_OK)
		return st;
	return by_word ? support_find_by_word(db, req->arena, req->id, ret_thread)
		       : support_find(db, req->arena, req->user_id, id, ret_thread);
}

static enum status show_missing(struct request *req, struct response *res)
{
	return response_error(
		req, res, 404, "no_such_thread", "There is no such message",
		arena_printf(
			req->arena,
			"Check that the address is complete, and sign in if you were signed in "
			"when you wrote. If you have sent a message just now and came here, it "
			"did not arrive: please write to %s. Messages are removed some time "
			"after they were closed.",
			req->config->support_email));
}

static enum status add_messages(struct request *req, const struct support_thread *thread,
				struct json_object *view)
{
	struct json_object *list = json_object_new_array();
	struct support_message *messages;
	size_t count;
	struct db *db;
	json_add(view, "messages", list);
	enum status st = request_db(req, &db);
	/* One more than is shown tells whether something is left out. */
	if (st == STATUS_OK)
		st = support_messages(db, req->arena, thread->id, SUPPORT_MESSAGES_SHOWN + 1,
				      &messages, &count);
	if (st != STATUS_OK)
		return st;
	size_t first = count > SUPPORT_MESSAGES_SHOWN ? count - SUPPORT_MESSAGES_SHOWN : 0;
	json_add_bool(view, "left_out", first > 0);
	for (size_t i = first; i < count; i++) {
		struct json_object *item = json_object_new_object();
		bool by_operator = strcmp(messages[i].author, "operator") == 0;
		json_add_string(item, "author", messages[i].author);
		json_add_string(item, "author_text", by_operator ? "Support" : "You");
		json_add_string(item, "body", messages[i].body);
		view_add_moment(item, "created_at", messages[i].created_at, VIEW_PAGE);
		json_array_push(list, item);
	}
	return STATUS_OK;
}

static enum status show_thread(struct request *req, struct response *res, int status,
			       const struct support_thread *thread,
			       const struct support_input *input, const char *problem)
{
	CLEANUP(json_object_put) struct json_object *view = thread_view(thread);
	enum status st = add_messages(req, thread, view);
	if (st != STATUS_OK)
		return st;
	add_fields(req, view, input);
	const char *address = NULL;
	if (token_is_word(req->id))
		address =
			arena_printf(req->arena, "%s/support/%s", req->config->public_url, req->id);
	json_add_string(view, "address", address);
	json_add_string(view, "reference", req->id);
	json_add_string(view, "claimed_name", *thread->tiktok_name ? thread->tiktok_name : NULL);
	json_add_string(view, "given_email", *thread->email ? thread->email : NULL);
	json_add_bool(view, "is_closed", strcmp(thread->state, "closed") == 0);
	json_add_bool(view, "is_open", strcmp(thread->state, "open") == 0);
	json_add_string(view, "problem", problem);
	return response_page(req, res, status, title_of(thread), support_thread_html, view);
}

enum status page_thread(struct request *req, struct response *res)
{
	struct support_thread thread;
	enum status st = find_thread(req, &thread);
	if (st == STATUS_NOT_FOUND)
		return show_missing(req, res);
	return st == STATUS_OK
		       ? show_thread(req, res, 200, &thread, &(struct support_input){ 0 }, NULL)
		       : st;
}

enum status page_reply(struct request *req, struct response *res)
{
	struct support_thread thread;
	struct db *db;
	int64_t wait = 0;
	enum status st = find_thread(req, &thread);
	if (st == STATUS_NOT_FOUND)
		return show_missing(req, res);
	if (st != STATUS_OK)
		return st;
	struct support_input input = input_reply(req);
	if (req->error_count)
		return show_thread(req, res, 422, &thread, &input, send_failed);
	const char *form = form_get(&req->form, "form");
	st = request_db(req, &db);
	if (st == STATUS_OK)
		st = support_reply(db, req->arena, &thread, form ? form : token_new(req->arena),
				   input.message, req->address, &wait);
	if (st == STATUS_REFUSED)
		return show_thread(req, res, 429, &thread, &input, too_many(req, res, wait));
	return st == STATUS_OK
		       ? response_redirect(res, arena_printf(req->arena, "/support/%s", req->id))
		       : st;
}
