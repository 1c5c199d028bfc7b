/* Base64 text of bytes. */
#pragma once
#include <stddef.h>

struct arena;

/* The standard alphabet with padding (RFC 4648, 4), in the arena. */
const char *base64_encode(struct arena *arena, const void *bytes, size_t length);
