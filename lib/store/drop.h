/*
 * Files of drop folders as rows of video_import: what became of each, so that none is read twice. A file
 * is known by its name, size and time of change. For the janitor alone, which locks the folder.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

struct drop_file {
	int64_t user_id;
	const char *name;
	int64_t size;	    /* bytes */
	int64_t changed_us; /* time of change, Unix time in microseconds */
};

struct drop_row {
	int64_t id;
	const char *name;
	const char *state;
	int64_t size, changed_us;
	const char *upload_id; /* NULL: none */
	int64_t video_id;      /* 0: none */
	bool is_due;	       /* failed, and to be tried again although nothing has changed */
	bool is_lost;	       /* done, but the video that it became is no more */
};

/* The newest row of a name. STATUS_NOT_FOUND: there is none. */
MUST_CHECK enum status drop_find(struct db *db, struct arena *arena, int64_t user_id,
				 const char *name, struct drop_row *ret_row);

/* At most max rows of a user that are not done, with ids above after, in the arena. */
MUST_CHECK enum status drop_open_rows(struct db *db, struct arena *arena, int64_t user_id,
				      int64_t after, int64_t max, struct drop_row **ret_rows,
				      size_t *ret_count);

/* The file is being copied into an upload; within the transaction that makes that. */
MUST_CHECK enum status drop_attach(struct db *db, struct arena *arena, const struct drop_file *file,
				   const char *title, const char *upload_id, int64_t *ret_id);

/* The row's upload has the whole file. */
MUST_CHECK enum status drop_done(struct db *db, struct arena *arena, int64_t id);

/*
 * The file is not taken; code and message are its user's. retry_seconds: look at it again then although
 * nothing has changed, 0: never. STATUS_INVALID: no such user, or a name that is no text.
 */
MUST_CHECK enum status drop_fail(struct db *db, struct arena *arena, const struct drop_file *file,
				 const char *title, const char *code, const char *message,
				 int64_t retry_seconds);

/* Nothing is to be known of it any more. */
MUST_CHECK enum status drop_forget(struct db *db, struct arena *arena, int64_t id);

/* A user is erased: none of the imports of whatever kind goes on. */
MUST_CHECK enum status drop_forget_user(struct db *db, struct arena *arena, int64_t user_id);
