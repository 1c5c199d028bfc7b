/* Uploads under way: whose they are, until when they are kept, which video they became. */
#pragma once
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

struct upload_new {
	const char *id; /* of token_name() */
	int64_t user_id;
	int64_t length;	    /* bytes */
	const char *name;   /* for people */
	const char *source; /* "tus", "url" or "drop" */
	int64_t keep_seconds;
	int unfinished_max; /* uploads that a user may have under way, this one included */
};

/*
 * Write down a new upload; within the caller's transaction, so that it appears together with its
 * files or not at all. STATUS_REFUSED: the user has too many; STATUS_INVALID: no such user any more.
 */
MUST_CHECK enum status upload_insert(struct db *db, struct arena *arena,
				     const struct upload_new *upload);

/* Its length is known now. STATUS_NOT_FOUND: gone or finished. */
MUST_CHECK enum status upload_set_length(struct db *db, struct arena *arena, const char *id,
					 int64_t length);

/* STATUS_OK: there is a row, of an upload under way or of one that is a video; STATUS_NOT_FOUND: none. */
MUST_CHECK enum status upload_is_known(struct db *db, const char *id);

/* Somebody works on it: keep it for keep_seconds from now. STATUS_NOT_FOUND: gone or finished. */
MUST_CHECK enum status upload_extend(struct db *db, struct arena *arena, const char *id,
				     int64_t keep_seconds);

/*
 * Its file is complete: make the video, state checking, exactly once, and say which one it is.
 * The row is kept for keep_seconds more. STATUS_NOT_FOUND: no such upload.
 */
MUST_CHECK enum status upload_finish(struct db *db, struct arena *arena, const char *id,
				     int64_t keep_seconds, int64_t *ret_video_id);

/* Forget an unfinished upload. STATUS_NOT_FOUND: gone or finished. */
MUST_CHECK enum status upload_delete(struct db *db, const char *id);
