/* From rows to JSON. */
#include "web/view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/words.h"
#include "store/account.h"
#include "store/post.h"
#include "web/view_reason.h"

void view_add_id(struct json_object *view, const char *name, int64_t id)
{
	char text[24];
	snprintf(text, sizeof(text), "%" PRId64, id);
	json_add_string(view, name, id ? text : NULL);
}

void view_add_moment(struct json_object *view, const char *name, struct moment moment,
		     enum view_kind kind)
{
	char text_name[64];
	json_add_string(view, name, moment.utc);
	if (kind != VIEW_PAGE)
		return;
	snprintf(text_name, sizeof(text_name), "%s_text", name);
	json_add_string(view, text_name, moment.text);
}

void view_add_known(struct json_object *view, const char *name, int64_t value)
{
	json_add(view, name, value ? json_object_new_int64(value) : NULL);
}

struct json_object *view_text_list(const char *text)
{
	struct json_object *list = json_object_new_array();
	while (*text) {
		size_t length = strcspn(text, ",");
		json_array_push(list, json_object_new_string_len(text, (int)length));
		text += length + (text[length] == ',');
	}
	return list;
}

const char *view_size_text(struct arena *arena, int64_t bytes)
{
	static const char *const units[] = { "kB", "MB", "GB" };
	if (bytes < 1000)
		return arena_printf(arena, "%" PRId64 " bytes", bytes);
	double value = (double)bytes / 1000;
	size_t unit = 0;
	for (; value >= 1000 && unit < ARRAY_SIZE(units) - 1; unit++)
		value /= 1000;
	return arena_printf(arena, value < 100 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

const char *view_duration_text(struct arena *arena, int64_t milliseconds)
{
	int64_t seconds = (milliseconds + 500) / 1000;
	int64_t hours = seconds / 3600, minutes = seconds / 60 % 60;
	if (hours)
		return arena_printf(arena, "%" PRId64 ":%02" PRId64 ":%02" PRId64, hours, minutes,
				    seconds % 60);
	return arena_printf(arena, "%" PRId64 ":%02" PRId64, minutes, seconds % 60);
}

struct json_object *view_list(struct json_object *items, const char *next_cursor)
{
	struct json_object *view = json_object_new_object();
	json_add(view, "items", items);
	json_add_string(view, "next_cursor", next_cursor);
	return view;
}

static const char *account_state_text(const char *state)
{
	static const char *const texts[][2] = {
		{ "connected", "Connected" },
		{ "reconnect", "Connect again" },
		{ "disconnecting", "Disconnecting" },
		{ "disconnected", "Disconnected" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (strcmp(texts[i][0], state) == 0)
			return texts[i][1];
	}
	return state;
}

struct json_object *view_account(struct arena *arena, const struct account *account,
				 enum view_kind kind)
{
	(void)arena;
	struct json_object *view = json_object_new_object();
	view_add_id(view, "id", account->id);
	json_add_string(view, "open_id", account->open_id);
	json_add_string(view, "display_name", account->display_name);
	json_add_string(view, "username", account->username);
	json_add_string(view, "avatar", account->avatar_url);
	json_add(view, "scopes", view_text_list(account->scopes));
	json_add_string(view, "state", account->state);
	json_add_string(view, "state_reason", account->state_reason);
	view_add_moment(view, "connected_at", account->connected_at, kind);
	if (kind == VIEW_PAGE) {
		json_add_string(view, "state_text", account_state_text(account->state));
		json_add_bool(view, "is_connected", strcmp(account->state, "connected") == 0);
		json_add_bool(view, "needs_reconnect", strcmp(account->state, "reconnect") == 0);
		json_add_bool(view, "is_disconnecting",
			      strcmp(account->state, "disconnecting") == 0);
	}
	return view;
}

static struct json_object *post_video(struct arena *arena, const struct post *post,
				      enum view_kind kind)
{
	if (!post->has_video)
		return NULL;
	struct json_object *view = json_object_new_object();
	int64_t id = post->content.video_id;
	view_add_id(view, "id", id);
	json_add_string(view, "name", post->video_name);
	json_add_string(view, "state", post->video_state);
	json_add_int(view, "size", post->video_size);
	view_add_known(view, "duration_ms", post->video_duration_ms);
	view_add_video_urls(arena, view, id, post->video_has_thumbnail,
			    strcmp(post->video_state, "ready") == 0);
	if (kind == VIEW_PAGE)
		json_add_string(view, "duration_text",
				post->video_duration_ms
					? view_duration_text(arena, post->video_duration_ms)
					: NULL);
	return view;
}

static struct json_object *post_account(const struct post *post)
{
	struct json_object *view = json_object_new_object();
	view_add_id(view, "id", post->content.account_id);
	json_add_string(view, "display_name", post->account_name);
	json_add_string(view, "username", post->account_username);
	json_add_string(view, "avatar", post->account_avatar_url);
	json_add_string(view, "state", post->account_state);
	return view;
}

static const char *privacy_text(const char *level)
{
	static const char *const texts[][2] = {
		{ "PUBLIC_TO_EVERYONE", "Everyone" },
		{ "MUTUAL_FOLLOW_FRIENDS", "Friends" },
		{ "FOLLOWER_OF_CREATOR", "Followers" },
		{ "SELF_ONLY", "Only me" },
	};
	for (size_t i = 0; level && i < ARRAY_SIZE(texts); i++) {
		if (strcmp(texts[i][0], level) == 0)
			return texts[i][1];
	}
	return level;
}

const char *view_state_text(enum post_state state)
{
	switch (state) {
	case POST_DRAFT:
		return "Draft";
	case POST_SCHEDULED:
		return "Scheduled";
	case POST_PUBLISHING:
		return "Publishing";
	case POST_PROCESSING:
		return "Processing";
	case POST_PUBLISHED:
		return "Published";
	case POST_DELIVERED:
		return "In the inbox";
	case POST_FAILED:
		return "Failed";
	case POST_HELD:
		return "Held";
	case POST_CANCELLED:
		return "Cancelled";
	case POST_STATE_COUNT:
		break;
	}
	return "";
}

static const struct words_text next_try = { "Next try", "Следующая попытка" };
static const struct words_text warning_label = { "Warning", "Предупреждение" };

/* Until when a post waits that has a reason to, or null. */
static struct json_object *post_waits(const struct post *post, enum words_language language)
{
	if (post->state != POST_SCHEDULED || !post->reason_code || !post->next_attempt_at.utc)
		return NULL;
	struct json_object *view = json_object_new_object();
	json_add_string(view, "label", words_in(next_try, language));
	view_add_moment(view, "at", post->next_attempt_at, VIEW_PAGE);
	return view;
}

static void add_post_words(struct arena *arena, struct json_object *view, const struct post *post)
{
	enum words_language language = words_language(post->language);
	bool direct = post->content.mode == POST_DIRECT;
	bool open = post->state == POST_DRAFT || post->state == POST_SCHEDULED ||
		    post->state == POST_HELD;
	json_add_string(view, "state_text", view_state_text(post->state));
	json_add_string(view, "mode_text", direct ? "Direct post" : "Draft in the TikTok inbox");
	json_add_string(view, "privacy_text",
			direct ? privacy_text(post->content.privacy_level) : NULL);
	for (enum post_state state = POST_DRAFT; state < POST_STATE_COUNT; state++)
		json_add_bool(view, arena_printf(arena, "is_%s", post_state_name(state)),
			      state == post->state);
	json_add(view, "waits", post_waits(post, language));
	json_add_string(view, "warning_label", words_in(warning_label, language));
	json_add_bool(view, "is_direct", direct);
	json_add_bool(view, "can_edit", open);
	json_add_bool(view, "can_cancel", open);
}

static void add_post_content(struct json_object *view, const struct post_content *content)
{
	view_add_id(view, "account_id", content->account_id);
	view_add_id(view, "video_id", content->video_id);
	json_add_string(view, "mode", post_mode_name(content->mode));
	json_add_string(view, "time_zone", content->time_zone);
	json_add_string(view, "caption", content->caption);
	json_add_string(view, "privacy_level", content->privacy_level);
	json_add_bool(view, "allow_comment", content->allow_comment);
	json_add_bool(view, "allow_duet", content->allow_duet);
	json_add_bool(view, "allow_stitch", content->allow_stitch);
	json_add_bool(view, "your_brand", content->your_brand);
	json_add_bool(view, "branded_content", content->branded_content);
	json_add_bool(view, "is_aigc", content->is_aigc);
	json_add_int(view, "cover_ms", content->cover_ms);
}

static void add_post_reasons(struct json_object *view, const struct post *post)
{
	struct view_reason reason = { post->reason_code, post->reason_message, post->remedy_code,
				      post->remedy_message };
	struct view_reason warning = { 0 };
	/* A draft in the inbox is done for us; its creator is told to go on there (UX-30). */
	if (post->state == POST_DELIVERED && !post->reason_code)
		reason = (struct view_reason){ .code = "draft_waits",
					       .remedy_code = "finish_in_tiktok" };
	/* What was found ahead of its time is told until then; after that there is a reason. */
	if (post->state == POST_SCHEDULED)
		warning = (struct view_reason){ post->warning_code, post->warning_message,
						post->warning_remedy_code,
						post->warning_remedy_message };
	enum words_language language = words_language(post->language);
	view_add_reason(view, "reason", "remedy", &reason, language);
	view_add_reason(view, "warning", "warning_remedy", &warning, language);
}

struct json_object *view_post(struct arena *arena, const struct post *post, enum view_kind kind)
{
	struct json_object *view = json_object_new_object();
	view_add_id(view, "id", post->id);
	json_add_string(view, "state", post_state_name(post->state));
	add_post_content(view, &post->content);
	view_add_moment(view, "due_at", post->due_at, kind);
	json_add_string(view, "local_time", post->local_time);
	json_add_bool(view, "consent", post->consent_at.utc != NULL);
	view_add_moment(view, "consent_at", post->consent_at, kind);
	add_post_reasons(view, post);
	json_add_string(view, "publish_id", post->publish_id);
	json_add(view, "public_ids", view_text_list(post->public_ids));
	json_add_string(view, "public_url", post->public_url);
	json_add_bool(view, "may_be_public", post->may_be_public);
	json_add_int(view, "attempts", post->attempts);
	view_add_moment(view, "next_attempt_at", post->next_attempt_at, kind);
	view_add_moment(view, "sent_at", post->sent_at, kind);
	view_add_moment(view, "finished_at", post->finished_at, kind);
	view_add_moment(view, "created_at", post->created_at, kind);
	view_add_moment(view, "updated_at", post->updated_at, kind);
	json_add(view, "video", post_video(arena, post, kind));
	json_add(view, "account", post_account(post));
	if (kind == VIEW_PAGE)
		add_post_words(arena, view, post);
	return view;
}

struct json_object *view_accounts(struct arena *arena, const struct account *accounts, size_t count,
				  enum view_kind kind)
{
	struct json_object *items = json_object_new_array();
	for (size_t i = 0; i < count; i++)
		json_array_push(items, view_account(arena, &accounts[i], kind));
	return items;
}

struct json_object *view_posts(struct arena *arena, const struct post *posts, size_t count,
			       enum view_kind kind)
{
	struct json_object *items = json_object_new_array();
	for (size_t i = 0; i < count; i++)
		json_array_push(items, view_post(arena, &posts[i], kind));
	return items;
}
