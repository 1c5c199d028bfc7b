/* Exports as their user sees them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "store/when.h"

struct arena;
struct db;

enum { EXPORT_PER_DAY = 3 }; /* of one user, in any 24 hours, cancelled ones too */

struct export_entry {
	int64_t id;
	const char *state; /* "waiting", "running", "ready", "failed", "expired" or "cancelled" */
	bool with_videos;
	int percent;
	const char *file;			  /* in media_dir/exports; NULL: none */
	int64_t size;				  /* bytes; 0: not known */
	const char *reason_code, *reason_message; /* of a failure; else NULL */
	struct moment asked_at, ended_at, expires_at;
};

/* At most limit of a user's exports, the newest first, those before the id before (0: all). */
MUST_CHECK enum status export_list(struct db *db, struct arena *arena, int64_t user_id,
				   int64_t before, int64_t limit, struct export_entry **ret_entries,
				   size_t *ret_count);

/* STATUS_NOT_FOUND: not theirs. */
MUST_CHECK enum status export_get(struct db *db, struct arena *arena, int64_t user_id,
				  int64_t export_id, struct export_entry *ret_entry);

/*
 * Have an archive made; one that is ready goes. Written to the record, with the client's address.
 * STATUS_CONFLICT: one is waiting or running; STATUS_REFUSED: EXPORT_PER_DAY were asked for.
 */
MUST_CHECK enum status export_ask(struct db *db, struct arena *arena, int64_t user_id,
				  bool with_videos, const char *address, int64_t *ret_export_id);

/* Give it up, or have the archive removed. STATUS_NOT_FOUND: not theirs, or over already. */
MUST_CHECK enum status export_cancel(struct db *db, struct arena *arena, int64_t user_id,
				     int64_t export_id);

/* The archive is being fetched: written to the record, once an hour at most. */
MUST_CHECK enum status export_note_fetched(struct db *db, struct arena *arena, int64_t user_id,
					   int64_t export_id, const char *address);
