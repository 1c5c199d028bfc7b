/*
 * The two files of the keys that seal tokens, changed so that a program that reads one at any moment finds it whole,
 * and a machine that stops at any moment has lost nothing.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/secretbox.h"
#include "base/status.h"

struct arena;

enum { KEYFILE_KEYS_MAX = 16 };

struct keyfile {
	const char *public_path, *secret_path;
	const char *lines
		[KEYFILE_KEYS_MAX]; /* of the secret file, the newest last, without their ends */
	char ids[KEYFILE_KEYS_MAX][SECRETBOX_KEY_ID_SIZE];
	size_t count;
	const char *newest_public;	       /* what the public file says, or is to say */
	bool is_switched;		       /* it says so: the newest key seals */
	time_t secret_changed, public_changed; /* when the files were written */
};

/* Make both files new; neither must exist. STATUS_BROKEN after a message; then neither was made. */
MUST_CHECK enum status keyfile_make(struct arena *arena, const char *public_path,
				    const char *secret_path);

/* Read both; text lives in the arena. STATUS_BROKEN after a message. */
MUST_CHECK enum status keyfile_read(struct arena *arena, const char *public_path,
				    const char *secret_path, struct keyfile *ret_file);

/* Add a new key to the secret file, or take all but the newest out of it, or let the newest seal. As keyfile_read. */
MUST_CHECK enum status keyfile_add(struct arena *arena, struct keyfile *file);
MUST_CHECK enum status keyfile_drop_old(struct arena *arena, struct keyfile *file);
MUST_CHECK enum status keyfile_switch(struct arena *arena, struct keyfile *file);

/* Keep others who change the files of this path out until the process ends. STATUS_BROKEN after a message. */
MUST_CHECK enum status keyfile_lock(struct arena *arena, const char *secret_path);
