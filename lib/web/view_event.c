/* The rows of a post's timeline. */
#include <string.h>

#include "base/json.h"
#include "base/words.h"
#include "store/post.h"
#include "web/view.h"
#include "web/view_reason.h"

/* What a row of the timeline is about; NULL: only its name says it. */
static const char *event_text(const char *name)
{
	static const char *const texts[][2] = {
		{ "creator_info", "Asked TikTok what the account may do" },
		{ "init", "Announced the video to TikTok" },
		{ "inbox_init", "Announced the draft to TikTok" },
		{ "put", "Sent a part of the video" },
		{ "put_last", "Sent the last part of the video" },
		{ "status", "Asked TikTok what became of it" },
		{ "cancel", "Asked TikTok to stop" },
		{ "video_list", "Looked for it among the account's videos" },
		{ "refresh", "Renewed the access to the account" },
		{ "public", "Seen in public" },
		{ "no_longer_public", "No longer public" },
		{ "earlier_upload", "News of an earlier upload" },
		{ "warning", "Checked ahead of its time" },
		{ "changed", "Changed" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (strcmp(texts[i][0], name) == 0)
			return texts[i][1];
	}
	return NULL;
}

static const char *state_name_text(const char *name)
{
	enum post_state state;
	if (!name || post_state_parse(name, &state) != STATUS_OK)
		return name;
	return view_state_text(state);
}

/* The words of a change are its reader's; what a call met is told as it was. */
static const char *event_message(const struct post_event *event)
{
	if (!event->code || strcmp(event->kind, "call") == 0)
		return event->message;
	const struct words *words = words_find(event->code);
	if (words == &words_unknown || !event->message)
		return event->message;
	return view_cause_text(words, event->message, words_language(event->language));
}

static void add_event_words(struct json_object *view, const struct post_event *event)
{
	bool is_state = strcmp(event->kind, "state") == 0;
	enum post_state state;
	json_add_bool(view, "is_state", is_state);
	json_add_bool(view, "is_call", strcmp(event->kind, "call") == 0);
	/* A note that names a state says that it lasts. */
	json_add_bool(view, "is_still",
		      !is_state && !event_text(event->name) &&
			      post_state_parse(event->name, &state) == STATUS_OK);
	json_add_string(view, "name_text",
			event_text(event->name) ? event_text(event->name)
						: state_name_text(event->name));
	json_add_string(view, "from_text", state_name_text(event->from_state));
}

struct json_object *view_event(const struct post_event *event, enum view_kind kind)
{
	struct json_object *view = json_object_new_object();
	view_add_id(view, "id", event->id);
	view_add_moment(view, "at", event->at, kind);
	json_add_string(view, "kind", event->kind);
	json_add_string(view, "name", event->name);
	json_add_string(view, "from_state", event->from_state);
	json_add_string(view, "code", event->code);
	json_add_string(view, "message", event_message(event));
	view_add_known(view, "http_status", event->http_status);
	json_add_string(view, "log_id", event->log_id);
	view_add_known(view, "bytes", event->bytes);
	if (kind == VIEW_PAGE)
		add_event_words(view, event);
	return view;
}

struct json_object *view_events(const struct post_event *events, size_t count, enum view_kind kind)
{
	struct json_object *items = json_object_new_array();
	for (size_t i = 0; i < count; i++)
		json_array_push(items, view_event(&events[i], kind));
	return items;
}
