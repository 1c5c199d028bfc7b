/*
 * Uploads under way: whose they are, until when they are kept, which video they became; and what a user
 * may have of them.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct config;
struct db;

/* What one user may have; 0: any number. */
struct upload_limits {
	int64_t bytes; /* of videos and uploads under way */
	int64_t videos;
	int64_t per_day; /* uploads begun, given up ones included */
	int64_t unfinished;
};

/* What a user has. Uploads under way count with their length, and as the videos that they become. */
struct upload_usage {
	int64_t bytes, videos, begun_today, unfinished;
	int64_t day_seconds; /* until the next day (UTC) */
};

/* A limit that a new upload would pass. */
enum upload_limit {
	UPLOAD_FITS,
	UPLOAD_LIMIT_BYTES,
	UPLOAD_LIMIT_VIDEOS,
	UPLOAD_LIMIT_PER_DAY,
	UPLOAD_LIMIT_UNFINISHED,
};

struct upload_new {
	const char *id; /* of token_name() */
	int64_t user_id;
	int64_t length; /* bytes */
	bool length_open; /* not known yet: length is the most it may become, as far as the limit goes */
	const char *name; /* for people */
	int64_t keep_seconds;
	const char *kind; /* "whole", "partial" or "final" */
	const char *
		source; /* "tus", "url", "drop" or "repair"; a repair is nobody's upload of the day */
	/* Of a final one: the partial uploads that it takes over, each once. */
	const char *const *parts;
	size_t part_count;
	struct upload_limits limits;
};

struct upload_verdict {
	enum upload_limit limit;
	struct upload_usage usage; /* without the new one */
	int64_t length; /* what was taken down: less than asked for only where it is open */
};

/* The limits of this installation. */
struct upload_limits upload_limits_of(const struct config *config);

/* What the user has now. */
MUST_CHECK enum status upload_usage_read(struct db *db, struct arena *arena, int64_t user_id,
					 struct upload_usage *ret_usage);

/*
 * Write down a new upload; within the caller's transaction, so that it appears together with its
 * files or not at all. Of one user only one is counted and written at a time, whoever does it, until
 * the transaction ends. STATUS_REFUSED: ret_verdict->limit stands against it; STATUS_NOT_FOUND: a part
 * is gone; STATUS_INVALID: no such user any more. But for STATUS_OK the caller rolls back.
 */
MUST_CHECK enum status upload_insert(struct db *db, struct arena *arena,
				     const struct upload_new *upload,
				     struct upload_verdict *ret_verdict);

/* Its length is known now. STATUS_NOT_FOUND: gone or finished. */
MUST_CHECK enum status upload_set_length(struct db *db, struct arena *arena, const char *id,
					 int64_t length);

/* STATUS_OK: there is a row, of an upload under way or of one that is a video; STATUS_NOT_FOUND: none. */
MUST_CHECK enum status upload_is_known(struct db *db, const char *id);

/*
 * Somebody works on it: keep it for keep_seconds from now. STATUS_NOT_FOUND: gone, finished, or a part
 * that has been joined and need not be kept for longer.
 */
MUST_CHECK enum status upload_extend(struct db *db, struct arena *arena, const char *id,
				     int64_t keep_seconds);

/*
 * Its file is complete, length bytes: make the video, state checking, exactly once, and say which one
 * it is. The row is kept for keep_seconds more. STATUS_NOT_FOUND: no such upload.
 */
MUST_CHECK enum status upload_finish(struct db *db, struct arena *arena, const char *id,
				     int64_t length, int64_t keep_seconds, int64_t *ret_video_id);

/* Forget an unfinished upload. STATUS_NOT_FOUND: gone or finished. */
MUST_CHECK enum status upload_delete(struct db *db, const char *id);

/* Ids of final uploads that are being joined, max at most. */
MUST_CHECK enum status upload_joining(struct db *db, struct arena *arena, size_t max,
				      const char *const **ret_ids, size_t *ret_count);

/*
 * The partial uploads of a final one that has become a video: forget them. Or that was given up: count
 * them for themselves again. Harmless for those that are gone.
 */
MUST_CHECK enum status upload_parts_delete(struct db *db, struct arena *arena, int64_t user_id,
					   const char *const *ids, size_t count);
MUST_CHECK enum status upload_parts_free(struct db *db, struct arena *arena, int64_t user_id,
					 const char *const *ids, size_t count);
