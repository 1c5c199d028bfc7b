/* Rows and a page to show them on, for tests of views and templates. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/config.h"
#include "base/json.h"
#include "base/words.h"
#include "store/account.h"
#include "store/import_list.h"
#include "store/post.h"
#include "store/storage.h"
#include "store/video_list.h"
#include "templates.h"
#include "web/html.h"
#include "web/view_library.h"

static struct arena arena;
static const struct moment moment = { "2026-11-22T11:05:00Z", "2026-11-22 14:05 Europe/Moscow" };

static inline int end(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static inline struct account account(const char *state)
{
	return (struct account){ .id = 7,
				 .open_id = "o",
				 .display_name = "<Name>",
				 .username = "name",
				 .avatar_url = "",
				 .scopes = "user.info.basic,video.publish",
				 .state = state,
				 .connected_at = moment };
}

static inline struct video_item video(const char *state)
{
	return (struct video_item){ .id = 5,
				    .name = "day.mp4",
				    .file = "secretfilename00000000",
				    .state = state,
				    .container = "mp4",
				    .codec = "h264",
				    .size = 12345678,
				    .duration_ms = 65400,
				    .width = 1080,
				    .height = 1920,
				    .fps_milli = 29970,
				    .has_thumbnail = true,
				    .tags = "",
				    .duplicates = "",
				    .created_at = moment };
}

static inline struct post post(enum post_state state)
{
	return (struct post){
		.id = 9,
		.state = state,
		.content = { .account_id = 7,
			     .video_id = 5,
			     .time_zone = "UTC",
			     .caption = "<b>",
			     .privacy_level = "SELF_ONLY" },
		.due_at = moment,
		.local_time = "2026-11-22T11:05",
		.public_ids = "",
		.created_at = moment,
		.updated_at = moment,
		.account_name = "<Name>",
		.account_username = "name",
		.account_avatar_url = "",
		.account_state = "connected",
		.has_video = true,
		.video_name = "day.mp4",
		.video_state = "ready",
		.video_duration_ms = 65400,
		.video_has_thumbnail = true,
	};
}

static inline struct json_object *member(struct json_object *view, const char *name)
{
	struct json_object *value = NULL;
	assert_true(json_object_object_get_ex(view, name, &value));
	return value;
}

static inline void assert_text(struct json_object *view, const char *name, const char *text)
{
	struct json_object *value = member(view, name);
	if (!text) {
		assert_null(value);
		return;
	}
	assert_true(json_object_is_type(value, json_type_string));
	assert_string_equal(json_object_get_string(value), text);
}

/* A view with what every page needs. */
static inline struct json_object *page_view(void)
{
	struct json_object *view = json_object_new_object();
	static const char *const texts[] = { "title",	       "app_name",
					     "operator_name",  "support_email",
					     "static_version", "csrf_token",
					     "language",       "lang" };
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		json_add_string(view, texts[i], texts[i]);
	json_add_string(view, "time_zone", "Europe/Moscow");
	json_add_bool(view, "signed_in", true);
	json_add_bool(view, "demo", false);
	struct json_object *outage = json_object_new_object();
	json_add_string(outage, "silent", "TikTok does not answer since");
	view_add_moment(outage, "since", moment, VIEW_PAGE);
	json_add_string(outage, "next", "Posts wait.");
	json_add(view, "outage", outage);
	json_add(view, "erasure", NULL);
	return view;
}

static inline void assert_renders(const char *template, struct json_object *view)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1024 * 1024);
	assert_int_equal(html_render(head_html, view, &out), STATUS_OK);
	assert_int_equal(html_render(template, view, &out), STATUS_OK);
	assert_int_equal(html_render(foot_html, view, &out), STATUS_OK);
	assert_null(strstr(buf_text(&out), "<b>"));
	assert_null(strstr(buf_text(&out), "<Name>"));
}

static inline void add_posts(struct json_object *view, const char *name, size_t count)
{
	struct post *posts = arena_alloc(&arena, (count + 1) * sizeof(*posts));
	for (size_t i = 0; i < count; i++)
		posts[i] = post((enum post_state)(i % POST_STATE_COUNT));
	if (count > 1) {
		posts[1].has_video = false;
		posts[1].reason_code = "something_<b>";
		posts[1].warning_code = "quota_ahead";
		posts[1].warning_remedy_code = "reschedule";
		posts[1].next_attempt_at = moment;
	}
	json_add(view, name, view_posts(&arena, posts, count, VIEW_PAGE));
}

static inline void add_accounts(struct json_object *view, const char *name, size_t count)
{
	struct account accounts[] = { account("connected"), account("reconnect"),
				      account("disconnecting") };
	json_add(view, name, view_accounts(&arena, accounts, count, VIEW_PAGE));
}

static inline void add_videos(struct json_object *view, const char *name, size_t count)
{
	struct video_item videos[] = { video("ready"), video("checking"), video("refused") };
	videos[1].duration_ms = videos[1].width = 0;
	videos[1].has_thumbnail = false;
	videos[2].reason_code = "frame_rate_check_failed";
	videos[2].reason_message = "<b>15 frames</b>";
	videos[2].repairable = true;
	videos[0].tags = "<b>,day & night";
	videos[0].duplicates = "8,9";
	videos[0].posts = 2;
	videos[0].has_location = videos[0].fps_variable = true;
	json_add(view, name, view_videos(&arena, videos, count, VIEW_PAGE));
}

#define CASE(name) cmocka_unit_test_teardown(name, end)
