/* One calloc per piece: sanitizers see every overrun, and a reset wipes what a request knew. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/log.h"

struct arena_piece {
	struct arena_piece *next;
	size_t size;
	_Alignas(max_align_t) unsigned char bytes[];
};

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t total;
	if (__builtin_add_overflow(size, sizeof(struct arena_piece), &total))
		log_die("arena_size_overflow");
	struct arena_piece *piece = calloc(1, total);
	if (!piece)
		log_die("out_of_memory");
	piece->size = size;
	piece->next = arena->pieces;
	arena->pieces = piece;
	return piece->bytes;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, text ? length + 1 : 1);
	if (text)
		memcpy(copy, text, length);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, text ? strlen(text) : 0);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	/* Also what tells the compiler, which sees the sanitizers' own null checks, that it is not. */
	if (!format)
		log_die("bad_format");
	va_list arguments, again;
	va_start(arguments, format);
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0)
		log_die("bad_format");
	char *text = arena_alloc(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

void arena_reset(struct arena *arena)
{
	while (arena->pieces) {
		struct arena_piece *piece = arena->pieces;
		arena->pieces = piece->next;
		sodium_memzero(piece->bytes, piece->size);
		free(piece);
	}
}
