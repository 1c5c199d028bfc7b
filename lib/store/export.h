/*
 * Exports that users have asked for, as the exporter works them off: claimed for as long as it renews its lease. Each
 * claim has a file name of its own, and every write names it, so that an exporter that slept too long changes nothing
 * any more; the same tells it that the user has cancelled or was erased.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

struct export_claim {
	int64_t id, user_id;
	bool with_videos;
	int attempt;	      /* of the claim, from 1 on */
	const char *began_at; /* the database's time, for its own use */
	const char *file;     /* in media_dir/exports; nobody else's */
};

/*
 * Take the next export, or one whose exporter was not heard of any more. at_once: so many may be under way together;
 * attempts_max: one that was tried so often is left for export_give_up(). STATUS_NOT_FOUND: nothing to do.
 */
MUST_CHECK enum status export_claim(struct db *db, struct arena *arena, int64_t lease_seconds,
				    int at_once, int attempts_max, struct export_claim *ret_claim);

/* Exports that attempts_max attempts did not end have failed. STATUS_OK also when there are none. */
MUST_CHECK enum status export_give_up(struct db *db, struct arena *arena, int attempts_max,
				      const char *code, const char *message);

/* In these: STATUS_NOT_FOUND: the claim is over; the user has cancelled or was erased, or another exporter goes on. */

/* How far it is; renews the lease. */
MUST_CHECK enum status export_progress(struct db *db, struct arena *arena,
				       const struct export_claim *claim, int percent,
				       int64_t lease_seconds);

/* The archive is there, safely, to be fetched for so many hours; written to the record as well. */
MUST_CHECK enum status export_done(struct db *db, struct arena *arena,
				   const struct export_claim *claim, int64_t size, int64_t hours);

/* It will not come; the words are the user's. */
MUST_CHECK enum status export_fail(struct db *db, struct arena *arena,
				   const struct export_claim *claim, const char *code,
				   const char *message);

/* Give it back, to be tried again in so many seconds. uncount: this attempt does not count. */
MUST_CHECK enum status export_wait(struct db *db, struct arena *arena,
				   const struct export_claim *claim, int64_t seconds, bool uncount);

/* Archives whose time is over are marked so; their files are orphans then. ret_count: how many. */
MUST_CHECK enum status export_expire(struct db *db, int64_t *ret_count);

/* Those of the names that no export has; in the arena. */
MUST_CHECK enum status export_orphans(struct db *db, struct arena *arena, const char *const *names,
				      size_t count, const char ***ret_orphans, size_t *ret_count);

/* Bytes of the videos that were there when the claim was made. */
MUST_CHECK enum status export_video_bytes(struct db *db, struct arena *arena,
					  const struct export_claim *claim, int64_t *ret_bytes);

struct export_video {
	int64_t id, size, created; /* created: Unix time, s */
	const char *file;	   /* in media_dir/videos */
	const char *name;	   /* what its owner calls it: any text */
	const char *container;	   /* NULL: not known */
	const char *sha256;	   /* hexadecimal; NULL: not known */
};

/* The next of them after the id after, at most max, in the arena; ret_count 0: the end. */
MUST_CHECK enum status export_videos(struct db *db, struct arena *arena,
				     const struct export_claim *claim, int64_t after, int max,
				     struct export_video **ret_videos, size_t *ret_count);

struct export_item {
	int64_t position;
	const char *json; /* one JSON object */
};

/*
 * The next items of a kind of the inventory (export_sql) after a position, at most max, in the arena; ret_count 0: the
 * end. Within db_begin_snapshot() all pages are of one moment.
 */
MUST_CHECK enum status export_items(struct db *db, struct arena *arena, const char *sql,
				    int64_t user_id, int64_t after, int max,
				    struct export_item **ret_items, size_t *ret_count);
