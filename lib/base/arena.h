/* Memory that lives as long as one request or one job. */
#pragma once
#include <stddef.h>

struct arena_piece;

struct arena {
	struct arena_piece *pieces;
};

/* Zeroed memory that lives until arena_reset(). Never NULL: out of memory ends the process. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((returns_nonnull));

/* A copy of text, or of its first length bytes, always terminated. text may be NULL: then "". */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);

/* Formatted text. */
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Wipe and free everything; the arena can be used again. */
void arena_reset(struct arena *arena);

/* For CLEANUP(arena): the same at the end of a scope. */
static inline void arena_cleanup(struct arena *arena)
{
	arena_reset(arena);
}
