/* Names of files that others give: shown to people, never used as a path. */
#pragma once
#include <stddef.h>

struct arena;

enum { FILE_NAME_MAX_BYTES = 255 };

/*
 * A claim of a stranger made fit to be shown, in the arena: what follows the last separator, without
 * control characters, at most FILE_NAME_MAX_BYTES of whole characters. "" where it is no UTF-8 text.
 */
const char *file_name_clean(struct arena *arena, const char *bytes, size_t length);
