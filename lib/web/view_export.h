/* Views of exports: archives with a user's data. */
#pragma once
#include <stddef.h>

#include "web/view.h"

struct export_entry;

/* An export as the API shows it, or with the words of a page. */
struct json_object *view_export(struct arena *arena, const struct export_entry *entry,
				enum view_kind kind);
/* The same of several. */
struct json_object *view_exports(struct arena *arena, const struct export_entry *entries,
				 size_t count, enum view_kind kind);
