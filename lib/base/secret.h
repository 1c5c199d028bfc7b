/*
 * A secret as a type that no %s accepts. Long-lived ones lie in locked memory (sodium_malloc);
 * those of one request or job lie in its arena, which wipes them.
 */
#pragma once
#include <stddef.h>

#include "base/status.h"

struct arena;

struct secret {
	const char *bytes; /* terminated; NULL when there is none */
	size_t length;
};

/*
 * Read a secret from a file into locked memory, without the line end at its end. 1 to 4096 bytes.
 * It lives as long as the process. STATUS_BROKEN (logged) when it cannot be read or locked.
 */
MUST_CHECK enum status secret_load(const char *path, struct secret *ret_secret);

/* A copy of bytes in the arena. */
struct secret secret_copy(struct arena *arena, const char *bytes, size_t length);
