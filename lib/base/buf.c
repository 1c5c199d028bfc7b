/* The growing buffer. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/log.h"

static bool buf_reserve(struct buf *buf, size_t more)
{
	size_t wanted;
	if (buf->broken || __builtin_add_overflow(buf->length, more, &wanted) ||
	    wanted > buf->limit) {
		buf->broken = true;
		return false;
	}
	if (wanted + 1 <= buf->capacity)
		return true;
	size_t capacity = buf->capacity ? buf->capacity : 256;
	while (capacity < wanted + 1)
		capacity *= 2;
	/* Not realloc(): what it leaves behind would stay unwiped. */
	char *data = malloc(capacity);
	if (!data)
		log_die("out_of_memory");
	if (buf->data) {
		memcpy(data, buf->data, buf->length + 1);
		sodium_memzero(buf->data, buf->capacity);
		free(buf->data);
	}
	buf->data = data;
	buf->capacity = capacity;
	return true;
}

void buf_append(struct buf *buf, const void *bytes, size_t length)
{
	if (length == 0 || !buf_reserve(buf, length))
		return;
	memcpy(buf->data + buf->length, bytes, length);
	buf->length += length;
	buf->data[buf->length] = '\0';
}

void buf_puts(struct buf *buf, const char *text)
{
	buf_append(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list arguments, again;
	va_start(arguments, format);
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0) {
		buf->broken = true;
	} else if (buf_reserve(buf, (size_t)length)) {
		vsnprintf(buf->data + buf->length, (size_t)length + 1, format, again);
		buf->length += (size_t)length;
	}
	va_end(again);
}

const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

bool buf_ok(const struct buf *buf)
{
	return !buf->broken;
}

void buf_clear(struct buf *buf)
{
	buf->length = 0;
	buf->broken = false;
	if (buf->data)
		buf->data[0] = '\0';
}

void buf_release(struct buf *buf)
{
	if (buf->data)
		sodium_memzero(buf->data, buf->capacity);
	free(buf->data);
	*buf = (struct buf){ .limit = buf->limit };
}
