/* Base64 text of bytes, and back. */
#pragma once
#include <stddef.h>

#include "base/status.h"

struct arena;

/* The standard alphabet with padding (RFC 4648, 4), in the arena. */
const char *base64_encode(struct arena *arena, const void *bytes, size_t length);

/*
 * The bytes of the first length characters of text, in the arena, terminated. STATUS_INVALID: not whole
 * groups of four of that alphabet, padded at the end.
 */
MUST_CHECK enum status base64_decode(struct arena *arena, const char *text, size_t length,
				     char **ret_bytes, size_t *ret_length);
