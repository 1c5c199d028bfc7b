/* What happened, in words for the user it happened to. */
#include "web/view_record.h"

#include <string.h>

#include "base/json.h"
#include "base/words.h"
#include "store/record.h"

static const struct {
	const char *event;
	const char *text;
} table[] = {
	{ "sign_in", "Signed in" },
	{ "sign_out", "Signed out" },
	{ "signed_out_everywhere", "Signed out in all browsers" },
	{ "connect", "Connected a TikTok account" },
	{ "reconnect", "Connected a TikTok account again" },
	{ "connect_refused", "A TikTok account was not connected" },
	{ "callback_failed", "Connecting a TikTok account failed" },
	{ "account_disconnecting", "Asked to disconnect a TikTok account" },
	{ "disconnected", "Disconnected a TikTok account and gave the access back" },
	{ "account_lost", "TikTok no longer accepts our permission for an account" },
	{ "authorization_removed", "The access was taken away on TikTok's side" },
	{ "policy_accepted", "Agreed to policy and terms" },
	{ "settings_changed", "Changed the settings" },
	{ "post_draft", "Saved a post as a draft" },
	{ "post_scheduled", "Scheduled a post" },
	{ "post_cancelled", "Cancelled a post" },
	{ "video_deleted", "Deleted a video" },
	{ "export_ready", "Made an archive of all data" },
	{ "export_asked", "Asked for an archive of all data" },
	{ "export_ready", "The archive of all data was ready" },
	{ "export_fetched", "Fetched the archive of all data" },
	{ "deletion_requested", "Asked to erase all data" },
	{ "deletion_begun", "Erasing all data began" },
	{ "deletion_undone", "Took back the request to erase all data" },
	{ "deletion_done", "All data was erased" },
	{ "account_erased", "Erased the data of an account whose access was taken away" },
	{ "reconnect_to_erase", "Signed in with TikTok in order to erase" },
	{ "support_opened", "Wrote to support" },
	{ "support_replied", "Wrote again to support" },
};

static const char *event_text(const struct record_event *event)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (strcmp(table[i].event, event->event) == 0)
			return table[i].text;
	return event->by_operator ? "The operator of this site looked at or changed your data"
				  : event->event;
}

/* What the code means, where that says more than the event. */
static const char *code_text(const char *code)
{
	const struct words *words = code ? words_find(code) : &words_unknown;
	return words == &words_unknown ? NULL : words->cause.en;
}

struct json_object *view_record(const struct record_event *events, size_t count,
				enum view_kind kind)
{
	struct json_object *items = json_object_new_array();
	for (size_t i = 0; i < count; i++) {
		const struct record_event *event = &events[i];
		struct json_object *view = json_object_new_object();
		view_add_id(view, "id", event->id);
		view_add_moment(view, "at", event->at, kind);
		json_add_string(view, "event", event->event);
		json_add_string(view, "text", event_text(event));
		view_add_id(view, "account_id", event->account_id);
		json_add_string(view, "account_name", event->account_name);
		view_add_id(view, "post_id", event->post_id);
		json_add_string(view, "code", event->code);
		json_add_string(view, "log_id", event->log_id);
		json_add_string(view, "address", event->address);
		json_add_bool(view, "by_operator", event->by_operator);
		if (kind == VIEW_PAGE)
			json_add_string(view, "code_text", code_text(event->code));
		json_array_push(items, view);
	}
	return items;
}
