/* Videos that are fetched from an address or come from a drop folder, as their owner sees them. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "store/when.h"

struct arena;
struct db;

enum {
	IMPORT_ADDRESS_MAX = 2048, /* bytes */
	IMPORT_OPEN_MAX = 20,	   /* addresses of one user that are not done with */
};

struct import_item {
	int64_t id;
	const char *source;			  /* "url" or "drop" */
	const char *address;			  /* or the file's name in the drop folder */
	const char *name;			  /* of the file, "" while not known */
	const char *state;			  /* "waiting", "running", "done" or "failed" */
	int64_t received, total;		  /* bytes; total 0: not told */
	const char *reason_code, *reason_message; /* of a failure, or of a wait; else NULL */
	int64_t video_id;			  /* what it became, while that is there; else 0 */
	const char *video_state;		  /* NULL likewise */
	struct moment asked_at, ended_at;
};

/* At most limit of a user's imports, the newest first, those before the id before (0: all). */
MUST_CHECK enum status import_list(struct db *db, struct arena *arena, int64_t user_id,
				   int64_t before, int64_t limit, struct import_item **ret_imports,
				   size_t *ret_count);

/* STATUS_NOT_FOUND: not theirs, or forgotten. */
MUST_CHECK enum status import_get(struct db *db, struct arena *arena, int64_t user_id,
				  int64_t import_id, struct import_item *ret_import);

/*
 * Have a video fetched from an https address, which the caller has looked at. STATUS_CONFLICT:
 * IMPORT_OPEN_MAX are open.
 */
MUST_CHECK enum status import_ask(struct db *db, struct arena *arena, int64_t user_id,
				  const char *address, int64_t *ret_import_id);

/*
 * Cancel, or take off the list. STATUS_CONFLICT: a file of the drop folder that is still to be read;
 * STATUS_NOT_FOUND as above.
 */
MUST_CHECK enum status import_forget(struct db *db, struct arena *arena, int64_t user_id,
				     int64_t import_id);
