/* The pages: the API's view objects with words for people. */
#include "dashboard/dashboard.h"

#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "base/number.h"
#include "base/words.h"
#include "dashboard/post_filter.h"
#include "store/account.h"
#include "store/breaker.h"
#include "store/deletion.h"
#include "store/user.h"
#include "store/video_list.h"
#include "templates.h"
#include "web/paging.h"
#include "web/policy.h"
#include "web/request.h"
#include "web/response.h"
#include "web/view.h"

enum { CHOOSE_FROM_MAX = 200, TIMELINE_SHOWN_MAX = 500 };

/* What a page says while TikTok does not answer; NULL while it does. */
static struct json_object *outage(struct moment since, enum words_language language)
{
	static const struct words_text silent = { "TikTok does not answer since",
						  "TikTok не отвечает с" };
	if (!since.utc)
		return NULL;
	struct json_object *view = json_object_new_object();
	json_add_string(view, "silent", words_in(silent, language));
	view_add_moment(view, "since", since, VIEW_PAGE);
	json_add_string(view, "next", words_in(words_find("tiktok_down")->next, language));
	return view;
}

/* What a page says while the erasure of everything can still be taken back; NULL without one. */
static struct json_object *erasure(const char *until_text, enum words_language language)
{
	static const struct words_text asked = { "All your data will be erased on",
						 "Все ваши данные будут удалены" },
				       undo = { "Keep my data", "Сохранить мои данные" };
	if (!until_text)
		return NULL;
	struct json_object *view = json_object_new_object();
	json_add_string(view, "asked", words_in(asked, language));
	json_add_string(view, "until_text", until_text);
	json_add_string(view, "undo", words_in(undo, language));
	return view;
}

enum status page_begin(struct request *req, struct db **ret_db, struct json_object **ret_view)
{
	struct user user;
	struct moment since;
	const char *grace_until;
	enum status st = request_db(req, ret_db);
	if (st == STATUS_OK)
		st = user_get(*ret_db, req->arena, req->user_id, &user);
	if (st == STATUS_OK)
		st = breaker_since(*ret_db, req->arena, req->user_id, &since);
	if (st == STATUS_OK)
		st = deletion_grace(*ret_db, req->arena, req->user_id, &grace_until);
	if (st != STATUS_OK)
		return st;
	*ret_view = json_object_new_object();
	json_add_string(*ret_view, "time_zone", user.time_zone);
	json_add_string(*ret_view, "language", user.language);
	json_add(*ret_view, "outage", outage(since, words_language(user.language)));
	json_add(*ret_view, "erasure", erasure(grace_until, words_language(user.language)));
	return STATUS_OK;
}

static enum status add_accounts(struct request *req, struct db *db, struct json_object *view,
				const char *name)
{
	struct account *accounts;
	size_t count;
	enum status st = account_list(db, req->arena, req->user_id, &accounts, &count);
	if (st == STATUS_OK)
		json_add(view, name, view_accounts(req->arena, accounts, count, VIEW_PAGE));
	return st;
}

static void add_group(struct request *req, struct json_object *view, const char *name,
		      const struct post_group *group)
{
	json_add(view, name, view_posts(req->arena, group->posts, group->count, VIEW_PAGE));
}

enum status page_home(struct request *req, struct response *res)
{
	struct db *db;
	struct post_overview overview;
	CLEANUP(json_object_put) struct json_object *view = NULL;
	if (req->user_id == 0) {
		const struct policy *policy = req->context;
		view = json_object_new_object();
		json_add_string(view, "policy_version", policy->version);
		return response_page(req, res, 200, "Your posts, on time", landing_html, view);
	}
	enum status st = page_begin(req, &db, &view);
	if (st == STATUS_OK)
		st = add_accounts(req, db, view, "accounts");
	if (st == STATUS_OK)
		st = post_overview(db, req->arena, req->user_id, &overview);
	if (st != STATUS_OK)
		return st;
	add_group(req, view, "attention", &overview.attention);
	view_add_known(view, "attention_total", overview.attention_total);
	json_add_bool(view, "attention_more",
		      overview.attention_total > (int64_t)overview.attention.count);
	add_group(req, view, "upcoming", &overview.upcoming);
	add_group(req, view, "recent", &overview.recent);
	return response_page(req, res, 200, "Home", home_html, view);
}

enum status page_posts(struct request *req, struct response *res)
{
	struct db *db;
	struct paging paging;
	struct post_filter filter;
	struct post *posts;
	size_t count;
	const char *state = paging_query(req, "state");
	CLEANUP(json_object_put) struct json_object *view = NULL;
	enum status st = post_filter_read(req, &paging, &filter);
	if (st == STATUS_OK)
		st = page_begin(req, &db, &view);
	if (st == STATUS_OK)
		st = post_list(db, req->arena, req->user_id, &filter, &posts, &count);
	if (st != STATUS_OK)
		return st;
	json_add_string(view, "next_cursor",
			paging_trim(&paging, &count)
				? paging_cursor(req->arena, posts[count - 1].id)
				: NULL);
	json_add_string(view, "state", state ? state : "");
	json_add_string(view, "video", paging_query(req, "video"));
	json_add(view, "items", view_posts(req->arena, posts, count, VIEW_PAGE));
	return response_page(req, res, 200, "Posts", posts_html, view);
}

enum status page_post(struct request *req, struct response *res)
{
	struct db *db;
	struct post post;
	struct post_event *events;
	size_t count;
	int64_t id;
	CLEANUP(json_object_put) struct json_object *view = NULL;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = page_begin(req, &db, &view);
	if (st == STATUS_OK)
		st = post_get(db, req->arena, req->user_id, id, &post);
	if (st == STATUS_OK)
		st = post_timeline(db, req->arena, req->user_id, id, 0, TIMELINE_SHOWN_MAX, &events,
				   &count);
	if (st != STATUS_OK)
		return st;
	json_add(view, "post", view_post(req->arena, &post, VIEW_PAGE));
	json_add(view, "timeline", view_events(events, count, VIEW_PAGE));
	return response_page(req, res, 200, "Post", post_html, view);
}

/* The composer with a post to change, or without one; video_id 0: none is chosen yet. */
static enum status compose(struct request *req, struct response *res, struct db *db,
			   struct json_object *view, const struct post *post, int64_t video_id)
{
	const struct video_filter ready = { .state = "ready", .limit = CHOOSE_FROM_MAX };
	struct video_item *videos, video;
	size_t count;
	bool has_video = false;
	enum status st = add_accounts(req, db, view, "accounts");
	if (st == STATUS_OK)
		st = video_list(db, req->arena, req->user_id, &ready, &videos, &count);
	if (st == STATUS_OK && video_id) {
		st = video_get(db, req->arena, req->user_id, video_id, &video);
		has_video = st == STATUS_OK;
		if (st == STATUS_NOT_FOUND)
			st = STATUS_OK;
	}
	if (st != STATUS_OK)
		return st;
	json_add(view, "video", has_video ? view_video(req->arena, &video, VIEW_PAGE) : NULL);
	json_add(view, "videos", view_videos(req->arena, videos, count, VIEW_PAGE));
	json_add(view, "post", post ? view_post(req->arena, post, VIEW_PAGE) : NULL);
	json_add_bool(view, "edit", post != NULL);
	json_add_bool(view, "audited", req->config->tiktok_audited);
	return response_page(req, res, 200, post ? "Edit post" : "New post", compose_html, view);
}

enum status page_post_new(struct request *req, struct response *res)
{
	struct db *db;
	int64_t video_id = 0;
	const char *video = paging_query(req, "video");
	CLEANUP(json_object_put) struct json_object *view = NULL;
	if (video && number_parse(video, 1, INT64_MAX, &video_id) != STATUS_OK)
		video_id = 0;
	enum status st = page_begin(req, &db, &view);
	return st == STATUS_OK ? compose(req, res, db, view, NULL, video_id) : st;
}

enum status page_post_edit(struct request *req, struct response *res)
{
	struct db *db;
	struct post post;
	int64_t id;
	CLEANUP(json_object_put) struct json_object *view = NULL;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = page_begin(req, &db, &view);
	if (st == STATUS_OK)
		st = post_get(db, req->arena, req->user_id, id, &post);
	if (st != STATUS_OK)
		return st;
	/* What can no longer be changed is shown as it is. */
	if (post.state != POST_DRAFT && post.state != POST_SCHEDULED && post.state != POST_HELD)
		return response_redirect(res, arena_printf(req->arena, "/posts/%s", req->id));
	return compose(req, res, db, view, &post, post.content.video_id);
}

enum status page_calendar(struct request *req, struct response *res)
{
	struct db *db;
	CLEANUP(json_object_put) struct json_object *view = NULL;
	enum status st = page_begin(req, &db, &view);
	return st == STATUS_OK ? response_page(req, res, 200, "Calendar", calendar_html, view) : st;
}

/* oauth_callback leads here with what is to be said about the connection it made. */
enum status page_accounts(struct request *req, struct response *res)
{
	struct db *db;
	const char *notice = paging_query(req, "notice");
	CLEANUP(json_object_put) struct json_object *view = NULL;
	enum status st = page_begin(req, &db, &view);
	if (st == STATUS_OK)
		st = add_accounts(req, db, view, "items");
	if (st != STATUS_OK)
		return st;
	json_add_bool(view, "is_partial", notice && strcmp(notice, "partial") == 0);
	json_add_bool(view, "is_late", notice && strcmp(notice, "late") == 0);
	return response_page(req, res, 200, "Accounts", accounts_html, view);
}
