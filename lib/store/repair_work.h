/* Repairs being made: claimed by one worker at a time, told of, then done or failed. */
#pragma once
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

struct repair_claim {
	int64_t id, video_id; /* of the repair, of the refused video */
	const char *file;     /* the video's, in videos/ */
	int64_t size;	      /* bytes */
	const char *output;   /* the name of the result; the same in every attempt */
	int attempt;	      /* 1 for the first */
};

/*
 * Lease the next repair that waits, or whose worker has died. output: the name for its result if it has
 * none yet, durable when this returns. Strings live in the arena. STATUS_NOT_FOUND when none waits.
 */
MUST_CHECK enum status repair_claim(struct db *db, struct arena *arena, int lease_seconds,
				    const char *output, struct repair_claim *ret_claim);

/*
 * Note how far it is (0 to 100) and renew the lease. STATUS_NOT_FOUND: its user has given it up or
 * deleted the video, or another worker has it.
 */
MUST_CHECK enum status repair_progress(struct db *db, struct arena *arena,
				       const struct repair_claim *claim, int percent,
				       int lease_seconds);

/*
 * The result is sealed and has size bytes: it becomes a video to be checked, exactly once.
 * STATUS_NOT_FOUND: not wanted any more, as above.
 */
MUST_CHECK enum status repair_done(struct db *db, struct arena *arena,
				   const struct repair_claim *claim, int64_t size,
				   int64_t *ret_video_id);

/* It cannot be done. STATUS_NOT_FOUND as above. */
MUST_CHECK enum status repair_failed(struct db *db, struct arena *arena,
				     const struct repair_claim *claim, const char *code,
				     const char *message);

/* It could not be tried, or was interrupted: the attempt does not count, again in so many seconds. */
MUST_CHECK enum status repair_release(struct db *db, struct arena *arena,
				      const struct repair_claim *claim, int seconds);
