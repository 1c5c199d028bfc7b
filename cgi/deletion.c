/*
 * /deletion: says what erasing would remove and takes the request; /deletion/{receipt}: how far it
 * is. The work itself is the publisher's and the janitor's (store/deletion.h).
 */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "base/token.h"
#include "store/db.h"
#include "store/deletion.h"
#include "templates.h"
#include "web/serve.h"

static const char confirmation[] = "erase";

/* "1 video", "3 videos" */
static void add_count(struct request *req, struct json_object *view, const char *name,
		      int64_t count, const char *one, const char *many)
{
	json_add_string(view, name,
			count == 0 ? NULL
				   : arena_printf(req->arena, "%" PRId64 " %s", count,
						  count == 1 ? one : many));
}

static enum status show_form(struct request *req, struct response *res, int status,
			     const char *problem)
{
	CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
	struct deletion_preview preview = { 0 };
	if (req->user_id) {
		struct db *db;
		enum status st = request_db(req, &db);
		if (st == STATUS_OK)
			st = deletion_preview(db, req->arena, req->user_id, &preview);
		if (st != STATUS_OK)
			return st;
	}
	add_count(req, view, "accounts", preview.accounts, "connected TikTok account",
		  "connected TikTok accounts");
	add_count(req, view, "videos", preview.videos, "video", "videos");
	add_count(req, view, "posts_waiting", preview.posts_waiting,
		  "post that has not gone out yet", "posts that have not gone out yet");
	add_count(req, view, "posts_past", preview.posts_past, "past post", "past posts");
	add_count(req, view, "posts_under_way", preview.posts_under_way, "post is", "posts are");
	json_add_bool(view, "waiting", preview.waiting);
	json_add_string(view, "confirmation", confirmation);
	json_add_string(view, "problem", problem);
	json_add_int(view, "receipts_days", req->config->retention_receipts_days);
	return response_page(req, res, status, "Delete my data", deletion_html, view);
}

static enum status show_start(struct request *req, struct response *res)
{
	return show_form(req, res, 200, NULL);
}

static enum status show_waiting(struct request *req, struct response *res)
{
	CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
	return response_page(req, res, 409, "Already asked for", deletion_waiting_html, view);
}

static enum status take_request(struct request *req, struct response *res)
{
	const char *confirm = form_get(&req->form, "confirm");
	if (!confirm || strcmp(confirm, confirmation) != 0)
		return show_form(req, res, 422,
				 "Tick the box to confirm. Nothing has been deleted so far.");
	struct db *db;
	const char *receipt;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = deletion_request(db, req->arena, req->user_id, &receipt);
	if (st == STATUS_CONFLICT)
		return show_waiting(req, res);
	if (st != STATUS_OK)
		return st;
	response_cookie(res, COOKIE_SESSION, "", 0, "Lax");
	return response_redirect(res, arena_printf(req->arena, "/deletion/%s", receipt));
}

struct step_words {
	const char *name, *title, *waits;
};

static const struct step_words words[] = {
	{ "posts_cancelled", "Drafts and planned posts cancelled", "" },
	{ "sessions_closed", "Signed out in all browsers", "" },
	{ "tokens_revoked", "Access given back to TikTok and its keys deleted here",
	  "usually within a minute or two" },
	{ "posts_ended", "Posts that were on their way have ended", "at most a day" },
	{ "files_removed", "Videos, previews and unfinished uploads removed",
	  "within the hour after that" },
	{ "data_erased", "Posts, captions, accounts and settings erased", "right after the files" },
};

static const char *detail_words(const char *detail)
{
	if (!detail)
		return NULL;
	if (strcmp(detail, "not_confirmed") == 0)
		return "TikTok could not be told. Please also remove this app in TikTok's "
		       "settings, "
		       "under Security and permissions.";
	if (strcmp(detail, "not_waited_longer") == 0)
		return "One was still with TikTok after a day. It may appear on your profile.";
	return NULL;
}

static struct json_object *step_view(const struct deletion_step *step)
{
	struct json_object *view = json_object_new_object();
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].name, step->name) != 0)
			continue;
		json_add_string(view, "title", words[i].title);
		json_add_string(view, "waits", words[i].waits);
	}
	json_add_string(view, "name", step->name);
	json_add_string(view, "done_at_text", step->done_at_text);
	json_add_string(view, "detail", detail_words(step->detail));
	return view;
}

static enum status show_receipt(struct request *req, struct response *res)
{
	struct db *db;
	struct deletion deletion;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = token_is_word(req->id) ? deletion_get(db, req->arena, req->id, &deletion)
					    : STATUS_NOT_FOUND;
	if (st == STATUS_NOT_FOUND)
		return response_error(req, res, 404, "no_such_receipt", "There is no such receipt",
				      "Check that the address is complete. Receipts are kept for a "
				      "limited time after the data was erased; this one may have "
				      "passed it.");
	if (st != STATUS_OK)
		return st;
	CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
	struct json_object *steps = json_object_new_array();
	for (size_t i = 0; i < DELETION_STEPS; i++)
		json_array_push(steps, step_view(&deletion.steps[i]));
	json_add(view, "steps", steps);
	json_add_bool(view, "done", deletion.done);
	json_add_int(view, "number", deletion.id);
	json_add_string(view, "requested_at_text", deletion.requested_at_text);
	json_add_string(view, "finished_at_text", deletion.finished_at_text);
	json_add_string(
		view, "address",
		arena_printf(req->arena, "%s/deletion/%s", req->config->public_url, req->id));
	json_add_int(view, "receipts_days", req->config->retention_receipts_days);
	return response_page(req, res, 200,
			     deletion.done ? "Your data is erased" : "Erasing your data",
			     receipt_html, view);
}

static const struct route routes[] = {
	{ "GET", "/deletion", show_start, ROUTE_PUBLIC },
	{ "POST", "/deletion", take_request, ROUTE_SESSION },
	{ "GET", "/deletion/{id}", show_receipt, ROUTE_PUBLIC },
};

int main(void)
{
	return serve(&(struct service){
		.name = "deletion", .routes = routes, .route_count = ARRAY_SIZE(routes) });
}
