/* Views of the library that only the dashboard has: storage, imports, tags. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "web/view.h"

struct config;
struct import_item;
struct storage;
struct video_item;

/* True when its owner may play it: TikTok takes it, or a repair would make it so. */
bool view_video_is_playable(const struct video_item *video);

/* {"code", "message"} as name, or null; the table's words where none were stored. */
void view_add_words_reason(struct json_object *view, const char *name, const char *code,
			   const char *message);

/* What is used and what the limits are; on pages also in words. */
struct json_object *view_storage(struct arena *arena, const struct config *config,
				 const struct storage *storage, enum view_kind kind);

/* An import as the API shows it, or with the words of a page. */
struct json_object *view_import(struct arena *arena, const struct import_item *import,
				enum view_kind kind);
/* The same of several. */
struct json_object *view_imports(struct arena *arena, const struct import_item *imports,
				 size_t count, enum view_kind kind);
