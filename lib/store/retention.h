/*
 * Removing what has got old (B120); the rules stand in the inventory. Everything goes in small batches,
 * each a transaction of its own, so that nobody waits for the janitor.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;
struct inventory_rule;

/* Kept after a sign-in could no longer be finished, after a call was counted, after an answer was
 * given. */
enum {
	RETENTION_OAUTH_STATE_HOURS = 1,
	RETENTION_IDEMPOTENCY_HOURS = 48,
	RETENTION_DELETED_VIDEO_HOURS = 24,
	RETENTION_UNKNOWN_WEBHOOK_HOURS = 24,
	RETENTION_ORPHAN_FILE_HOURS = 24,
	RETENTION_UPLOAD_DAY_HOURS = 72,
	RETENTION_EXPORT_HOURS = 30 * 24,
	RETENTION_SUPPORT_SILENT_HOURS = 30 * 24,
};

/* One batch of a rule: what is older than hours goes. ret_count: rows removed; ret_left: call again. */
MUST_CHECK enum status retention_apply(struct db *db, struct arena *arena,
				       const struct inventory_rule *rule, int64_t hours,
				       int64_t *ret_count, bool *ret_left);

/*
 * Videos whose last post went out more than days ago (0: no limit of the site), or than their user wants, marked
 * deleted, their files queued.
 */
MUST_CHECK enum status retention_posted_videos(struct db *db, struct arena *arena, int64_t days,
					       int64_t *ret_count);

/* A page of names after the name after (NULL: the first page); texts lie in the arena. */
struct retention_names {
	const char **names;
	size_t count;
};
MUST_CHECK enum status retention_old_uploads(struct db *db, struct arena *arena, const char *after,
					     struct retention_names *ret_uploads);
MUST_CHECK enum status retention_file_queue(struct db *db, struct arena *arena, const char *after,
					    struct retention_names *ret_files);

/*
 * Forget an upload that is too old. ret_finished: its file is a video's and stays.
 * STATUS_NOT_FOUND: somebody went on with it, or it is gone.
 */
MUST_CHECK enum status retention_upload_drop(struct db *db, const char *id, bool *ret_finished);

/* The file is gone: take it out of the queue. */
MUST_CHECK enum status retention_file_removed(struct db *db, const char *file);

/* Those of the ids that no row knows: of an upload, nor (unless only_uploads) of a video. */
MUST_CHECK enum status retention_orphans(struct db *db, struct arena *arena,
					 const struct retention_names *ids, bool only_uploads,
					 struct retention_names *ret_orphans);

/* Note what the janitor has removed by a rule, for the report of the operator (spgctl retention). */
MUST_CHECK enum status retention_note(struct db *db, struct arena *arena, const char *rule,
				      int64_t count);

/* Note that the janitor has run. */
MUST_CHECK enum status retention_heartbeat(struct db *db);
