/*
 * Who has been erased, in a file outside of the database: a backup from before knows nothing of it, and after a
 * restore those users have to be erased anew (B117). A line for each: its number and when it was made, in
 * microseconds, which together name one user and tell nothing about anybody. Being open, the file is also the lock
 * that keeps two janitors from erasing at once.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;

/*
 * Open media_dir/erased, made where it is missing, and wait for its lock; the caller closes. -1, logged or
 * interrupted.
 */
int erased_open(const char *media_dir);

struct erased {
	int64_t *ids, *created_us;
	size_t count;
};

/* All lines that are whole. STATUS_BROKEN (logged): it cannot be read. */
MUST_CHECK enum status erased_read(int fd, struct arena *arena, struct erased *ret_erased);

/* Add one, safe on disk on return, unless it is there. */
MUST_CHECK enum status erased_add(int fd, struct arena *arena, int64_t id, int64_t created_us);
