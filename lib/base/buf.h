/*
 * A growing byte buffer with a hard limit and a sticky error: after a failed append every later one
 * does nothing, and the caller asks buf_ok() once at the end. data is always terminated.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* NULL until the first append */
	size_t length;
	size_t capacity;
	size_t limit; /* bytes; appends beyond it break the buffer */
	bool broken;
};

#define BUF_INIT(limit_)                                                                           \
	{                                                                                          \
		.limit = (limit_)                                                                  \
	}

/* Append bytes, text, or formatted text. */
void buf_append(struct buf *buf, const void *bytes, size_t length);
void buf_puts(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text so far, "" when empty. Lives until the next append or the release. */
const char *buf_text(const struct buf *buf);

/* True when no append has failed. */
bool buf_ok(const struct buf *buf);

/* Forget the content, keep the memory. */
void buf_clear(struct buf *buf);

/* Wipe and free; for CLEANUP(buf) as well. */
void buf_release(struct buf *buf);
static inline void buf_cleanup(struct buf *buf)
{
	buf_release(buf);
}
