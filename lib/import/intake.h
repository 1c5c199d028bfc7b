/*
 * An upload that a program of ours fills itself, from an address or a drop folder: row, part and
 * sidecar as a browser's upload has them. Until intake_complete() it can not become a video, whatever
 * it holds; from then on whoever finishes uploads makes it one, even when this process dies.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "media/part.h"
#include "media/sidecar.h"

struct arena;
struct config;
struct db;

#define INTAKE_MAX_BYTES INT64_C(4000000000) /* what TikTok takes */

/* What fills uploads, and where they are. */
struct intake_place {
	const struct config *config;
	const struct part_store *store;
	struct db *db;
};

struct intake_new {
	int64_t user_id;
	int64_t length;	    /* bytes; -1: not known */
	const char *name;   /* for people */
	const char *source; /* "url" or "drop" */
};

struct intake {
	char id[PART_ID_SIZE];
	struct sidecar
		sidecar;  /* its strings live in the arena given; length: the most it may become */
	struct part part; /* locked */
};

#define INTAKE_INIT                                                                                \
	{                                                                                          \
		.part = PART_INIT                                                                  \
	}

/* Release the part. */
static inline void intake_cleanup(struct intake *intake)
{
	part_close(&intake->part);
}

/*
 * Make an upload, within a transaction that stays open: the caller adds what belongs to it and ends
 * by intake_commit() or intake_abort(). STATUS_REFUSED: ret_code says why, a code of base/words.h;
 * STATUS_NOT_FOUND: no such user. Nothing is open or left behind but for STATUS_OK.
 */
MUST_CHECK enum status intake_begin(const struct intake_place *place, struct arena *arena,
				    const struct intake_new *fresh, struct intake *ret_intake,
				    const char **ret_code);
MUST_CHECK enum status intake_commit(const struct intake_place *place, struct intake *intake);
void intake_abort(const struct intake_place *place, struct intake *intake);

/*
 * Go on with one that was left. ret_complete: it may be a video by now. STATUS_NOT_FOUND: gone;
 * STATUS_CONFLICT: another process has it.
 */
MUST_CHECK enum status intake_resume(const struct intake_place *place, struct arena *arena,
				     const char *id, struct intake *ret_intake, bool *ret_complete);

/* True when it was completed, without locking it. */
bool intake_is_complete(const struct intake_place *place, const char *id);

/* Keep it for as long as uploads are kept that somebody works on. STATUS_NOT_FOUND: gone. */
MUST_CHECK enum status intake_extend(const struct intake_place *place, struct arena *arena,
				     const char *id);

/*
 * All bytes are there: safe on disk, and to become a video. Releases the part. STATUS_NOT_FOUND: it
 * was given up meanwhile; STATUS_REFUSED: disk full.
 */
MUST_CHECK enum status intake_complete(const struct intake_place *place, struct arena *arena,
				       struct intake *intake);

/* Give it up: row, part and sidecar, unless it is a video by now. Harmless when it is gone. */
MUST_CHECK enum status intake_discard(const struct intake_place *place, const char *id);
