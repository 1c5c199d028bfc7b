/*
 * Downloads that users have asked for: claimed by an importer for as long as it renews its lease. Each
 * claim has a number of its own, and every write names it, so that an importer that slept too long
 * changes nothing any more; the same tells it that the user has cancelled.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

struct import_claim {
	int64_t id, user_id;
	int attempt; /* of the claim, from 1 on */
	const char *address;
	const char *upload_id; /* of an earlier attempt, NULL: none */
	const char *validator; /* of what it has received, NULL: none */
	int64_t received;      /* of that, bytes that are safe on disk */
	int64_t total;	       /* bytes; -1: not told */
	int64_t video_id;      /* what it has become; 0: nothing yet */
};

/*
 * Take the next that is due, or whose importer was not heard of any more. at_once, of_user: so many may
 * be under way together, and of one user. STATUS_NOT_FOUND: nothing to do.
 */
MUST_CHECK enum status import_claim(struct db *db, struct arena *arena, int64_t lease_seconds,
				    int at_once, int of_user, struct import_claim *ret_claim);

/* In these: STATUS_NOT_FOUND: the claim is over; the user has cancelled, or another importer goes on. */

/* It has an upload now; within the transaction that makes it. total: bytes, -1 when not told. */
MUST_CHECK enum status import_attach(struct db *db, struct arena *arena,
				     const struct import_claim *claim, const char *upload_id,
				     const char *name, int64_t total);

/* What has been received, safely, and of which file; renews the lease. */
MUST_CHECK enum status import_progress(struct db *db, struct arena *arena,
				       const struct import_claim *claim, int64_t received,
				       int64_t total, const char *validator, int64_t lease_seconds);

/* All of it has come; its upload becomes a video. */
MUST_CHECK enum status import_done(struct db *db, struct arena *arena,
				   const struct import_claim *claim, int64_t bytes);

/* It will never come; the words are the user's. Its upload, if any, is the caller's to discard. */
MUST_CHECK enum status import_fail(struct db *db, struct arena *arena,
				   const struct import_claim *claim, const char *code,
				   const char *message);

/* Try again in so many seconds, keeping what has come. uncount: this attempt does not count. */
MUST_CHECK enum status import_wait(struct db *db, struct arena *arena,
				   const struct import_claim *claim, int64_t seconds, bool uncount,
				   const char *code, const char *message);

/* Unfinished uploads of downloads that nobody wants any more: at most max ids, in the arena. */
MUST_CHECK enum status import_strays(struct db *db, struct arena *arena, int64_t max,
				     const char ***ret_ids, size_t *ret_count);

/*
 * Uploads of imports that are done and not videos yet: at most max ids, in the arena. For whoever
 * finishes uploads.
 */
MUST_CHECK enum status import_complete(struct db *db, struct arena *arena, int64_t max,
				       const char ***ret_ids, size_t *ret_count);
