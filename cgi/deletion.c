/*
 * /deletion: says what erasing would remove and takes the request, of whoever is signed in or has proved by TikTok
 * who they are; /deletion/{receipt}: how far it is, and taking it back. The work itself is the publisher's and the
 * janitor's (store/deletion.h).
 */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "deletion/receipt.h"
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
	json_add_bool(view, "asker", req->user_id != 0);
	json_add_bool(view, "only_erases", req->only_erases);
	json_add_bool(view, "waiting", preview.waiting);
	json_add_string(view, "grace_until_text", preview.grace_until_text);
	json_add_bool(view, "asked", preview.waiting || preview.grace_until_text);
	json_add_string(
		view, "grace_days",
		req->config->deletion_grace_days == 0
			? NULL
			: arena_printf(req->arena, "%" PRId64 " %s",
				       req->config->deletion_grace_days,
				       req->config->deletion_grace_days == 1 ? "day" : "days"));
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
	const struct deletion_ask ask = {
		.user_id = req->user_id,
		.origin = req->only_erases ? "reconnect" : "user",
		.address = req->address,
		.grace_days = req->config->deletion_grace_days,
	};
	if (st == STATUS_OK)
		st = deletion_request(db, req->arena, &ask, &receipt);
	if (st == STATUS_CONFLICT)
		return show_waiting(req, res);
	if (st != STATUS_OK)
		return st;
	response_cookie(res, COOKIE_SESSION, "", 0, "Lax");
	return response_redirect(res, arena_printf(req->arena, "/deletion/%s", receipt));
}

static const struct route routes[] = {
	{ "GET", "/deletion", show_start, ROUTE_PUBLIC },
	{ "POST", "/deletion", take_request, ROUTE_SESSION },
	{ "POST", "/deletion/undo", receipt_undo_own, ROUTE_SESSION },
	{ "GET", "/deletion/{id}", receipt_show, ROUTE_PUBLIC },
	{ "POST", "/deletion/{id}/undo", receipt_undo, ROUTE_PUBLIC },
};

int main(void)
{
	return serve(&(struct service){ .name = "deletion",
					.routes = routes,
					.route_count = ARRAY_SIZE(routes),
					.erases = true });
}
