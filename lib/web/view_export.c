/* Exports as JSON, and in words. */
#include "web/view_export.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "store/export_list.h"
#include "web/view_library.h"

static bool is_in(const struct export_entry *entry, const char *state)
{
	return strcmp(entry->state, state) == 0;
}

/* static/exports.js says the same. */
static const char *words_of(struct arena *arena, const struct export_entry *entry)
{
	if (is_in(entry, "waiting"))
		return "Your archive is waiting for its turn.";
	if (is_in(entry, "running"))
		return arena_printf(arena, "Your archive is being made: %d %%.", entry->percent);
	if (is_in(entry, "ready"))
		return arena_printf(arena,
				    "Your archive is ready, %s. You can download it until %s.",
				    view_size_text(arena, entry->size), entry->expires_at.text);
	if (is_in(entry, "failed"))
		return entry->reason_message ? entry->reason_message
					     : "Your archive could not be made.";
	if (is_in(entry, "expired"))
		return "Your last archive has expired and was removed.";
	return "";
}

struct json_object *view_export(struct arena *arena, const struct export_entry *entry,
				enum view_kind kind)
{
	struct json_object *view = json_object_new_object();
	bool is_open = is_in(entry, "waiting") || is_in(entry, "running");
	bool is_ready = is_in(entry, "ready");
	view_add_id(view, "id", entry->id);
	json_add_string(view, "state", entry->state);
	json_add_bool(view, "with_videos", entry->with_videos);
	json_add_int(view, "percent", entry->percent);
	view_add_known(view, "size", entry->size);
	view_add_words_reason(view, "reason", entry->reason_code, entry->reason_message);
	json_add_string(view, "file_url",
			is_ready ? arena_printf(arena, "/exports/%" PRId64 "/file", entry->id)
				 : NULL);
	view_add_moment(view, "asked_at", entry->asked_at, kind);
	view_add_moment(view, "ended_at", entry->ended_at, kind);
	view_add_moment(view, "expires_at", entry->expires_at, kind);
	if (kind == VIEW_PAGE) {
		json_add_string(view, "words", words_of(arena, entry));
		json_add_bool(view, "is_open", is_open);
		json_add_bool(view, "is_ready", is_ready);
		json_add_string(view, "cancel_text",
				is_open	   ? "Cancel"
				: is_ready ? "Remove it now"
					   : NULL);
	}
	return view;
}

struct json_object *view_exports(struct arena *arena, const struct export_entry *entries,
				 size_t count, enum view_kind kind)
{
	struct json_object *items = json_object_new_array();
	for (size_t i = 0; i < count; i++)
		json_array_push(items, view_export(arena, &entries[i], kind));
	return items;
}
