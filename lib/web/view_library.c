/* Storage and imports. */
#include "web/view_library.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "store/import_list.h"
#include "store/storage.h"

enum { BYTES_PER_GB = 1000 * 1000 * 1000, NEARLY_FULL_PERCENT = 90 };

static const char *videos_text(struct arena *arena, int64_t videos)
{
	return videos == 1 ? "1 video" : arena_printf(arena, "%" PRId64 " videos", videos);
}

static bool is_nearly(int64_t used, int64_t limit)
{
	return limit > 0 && used >= limit - limit * (100 - NEARLY_FULL_PERCENT) / 100;
}

static struct json_object *warning(const char *code, const char *message)
{
	struct json_object *view = json_object_new_object();
	json_add_string(view, "code", code);
	json_add_string(view, "message", message);
	return view;
}

/* What to do about a limit that is near or reached; NULL: none is. */
static struct json_object *storage_warning(struct arena *arena, const struct config *config,
					   const struct storage *storage, int64_t taken,
					   int64_t limit)
{
	int64_t videos = storage->videos + storage->uploading;
	if (limit && taken >= limit)
		return warning("storage_full", "Your storage is full. Delete videos that you no "
					       "longer need, then upload.");
	if (config->user_videos && videos >= config->user_videos)
		return warning("videos_full",
			       arena_printf(arena,
					    "You have %s, the most there may be. Delete some that "
					    "you no longer need.",
					    videos_text(arena, videos)));
	if (config->user_uploads_per_day && storage->uploads_today >= config->user_uploads_per_day)
		return warning("uploads_used_up",
			       "You have begun as many uploads as there may be in one day. Go on "
			       "tomorrow.");
	if (is_nearly(taken, limit))
		return warning("storage_nearly_full",
			       arena_printf(arena,
					    "Nearly full: %s left. Delete videos that you no "
					    "longer need.",
					    view_size_text(arena, limit - taken)));
	if (is_nearly(videos, config->user_videos))
		return warning(
			"videos_nearly_full",
			arena_printf(arena,
				     "Room for %s more. Delete some that you no longer need.",
				     videos_text(arena, config->user_videos - videos)));
	return NULL;
}

static void add_storage_words(struct arena *arena, struct json_object *view,
			      const struct storage *storage, int64_t taken, int64_t limit)
{
	int64_t left = limit > taken ? limit - taken : 0;
	json_add_string(view, "used_text", view_size_text(arena, taken));
	json_add_string(view, "limit_text", limit ? view_size_text(arena, limit) : NULL);
	json_add_string(view, "left_text", view_size_text(arena, left));
	json_add_string(view, "videos_text", videos_text(arena, storage->videos));
	json_add_string(view, "share",
			limit ? arena_printf(arena, "%.4f", 1 - (double)left / (double)limit)
			      : "0");
}

struct json_object *view_storage(struct arena *arena, const struct config *config,
				 const struct storage *storage, enum view_kind kind)
{
	int64_t limit = config->user_storage_gb * BYTES_PER_GB;
	int64_t taken = storage->used_bytes + storage->uploading_bytes;
	struct json_object *view = json_object_new_object();
	json_add_int(view, "used_bytes", storage->used_bytes);
	view_add_known(view, "limit_bytes", limit);
	json_add_int(view, "videos", storage->videos);
	view_add_known(view, "videos_limit", config->user_videos);
	json_add_int(view, "uploads_today", storage->uploads_today);
	view_add_known(view, "uploads_per_day", config->user_uploads_per_day);
	json_add_int(view, "uploading_bytes", storage->uploading_bytes);
	json_add_int(view, "uploading", storage->uploading);
	struct json_object *by_state = json_object_new_object();
	json_add_int(by_state, "checking", storage->checking);
	json_add_int(by_state, "ready", storage->ready);
	json_add_int(by_state, "refused", storage->refused);
	json_add(view, "by_state", by_state);
	json_add(view, "warning", storage_warning(arena, config, storage, taken, limit));
	if (kind == VIEW_PAGE)
		add_storage_words(arena, view, storage, taken, limit);
	return view;
}

/* The file's name; of an address whose file has none yet, its last part. */
static const char *import_title(struct arena *arena, const struct import_item *import)
{
	if (*import->name)
		return import->name;
	size_t length = strcspn(import->address, "?#");
	const char *address = arena_strndup(arena, import->address, length);
	const char *last = strrchr(address, '/');
	return last && last[1] ? last + 1 : import->address;
}

static const char *import_words(struct arena *arena, const struct import_item *import)
{
	bool is_drop = strcmp(import->source, "drop") == 0;
	if (strcmp(import->state, "done") == 0)
		return import->video_id ? "Done" : "Done; the video was deleted since";
	if (strcmp(import->state, "failed") == 0)
		return "Failed";
	if (strcmp(import->state, "waiting") == 0)
		return "Waiting for its turn";
	const char *received = view_size_text(arena, import->received);
	if (import->total > 0)
		return arena_printf(arena, "%s %s of %s", is_drop ? "Read" : "Fetched", received,
				    view_size_text(arena, import->total));
	return arena_printf(arena, "%s %s", is_drop ? "Read" : "Fetched", received);
}

static void add_import_words(struct arena *arena, struct json_object *view,
			     const struct import_item *import)
{
	bool is_done = strcmp(import->state, "done") == 0;
	bool is_failed = strcmp(import->state, "failed") == 0;
	bool is_drop = strcmp(import->source, "drop") == 0;
	json_add_string(view, "title", import_title(arena, import));
	json_add_string(view, "words", import_words(arena, import));
	json_add_bool(view, "is_open", !is_done && !is_failed);
	json_add_bool(view, "is_drop", is_drop);
	json_add_string(view, "forget_text",
			!is_done && !is_failed ? (is_drop ? NULL : "Cancel")
			: is_drop && is_failed ? "Try again"
					       : "Remove from the list");
}

struct json_object *view_import(struct arena *arena, const struct import_item *import,
				enum view_kind kind)
{
	struct json_object *view = json_object_new_object();
	view_add_id(view, "id", import->id);
	json_add_string(view, "source", import->source);
	json_add_string(view, "address", import->address);
	json_add_string(view, "name", import->name);
	json_add_string(view, "state", import->state);
	json_add_int(view, "received", import->received);
	view_add_known(view, "total", import->total);
	view_add_words_reason(view, "reason", import->reason_code, import->reason_message);
	view_add_id(view, "video_id", import->video_id);
	view_add_moment(view, "asked_at", import->asked_at, kind);
	view_add_moment(view, "ended_at", import->ended_at, kind);
	if (kind == VIEW_PAGE)
		add_import_words(arena, view, import);
	return view;
}

struct json_object *view_imports(struct arena *arena, const struct import_item *imports,
				 size_t count, enum view_kind kind)
{
	struct json_object *items = json_object_new_array();
	for (size_t i = 0; i < count; i++)
		json_array_push(items, view_import(arena, &imports[i], kind));
	return items;
}
