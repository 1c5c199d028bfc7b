/*
 * One export, from its claim to its end. What an attempt has left is removed, and the next begins anew; a kill at any
 * point leaves a file that no row names, which is removed by the next exporter.
 */
#pragma once
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/status.h"
#include "export/place.h"
#include "store/export.h"

struct bundle;
struct json_object;

enum {
	EXPORT_LEASE_SECONDS = 60,
	EXPORT_ATTEMPTS_MAX = 3,
	EXPORTS_AT_ONCE = 2, /* of all exporters */
};

struct export_task {
	const struct export_place *place;
	struct arena arena;
	struct export_claim claim;
	struct bundle *bundle;
	int manifest;		     /* lines so far, in a file without a name */
	int64_t began;		     /* Unix time, s */
	int64_t bytes, bytes_all;    /* of videos: copied; to be copied */
	int kinds, kinds_all;	     /* of the inventory, likewise */
	int64_t ticked_at, heard_at; /* clock_now_s() */
};

/*
 * Take the next export and see it through. STATUS_NOT_FOUND: there is none. Otherwise one has ended, well or not, or
 * was given back; STATUS_RETRY and STATUS_BROKEN: that could not be noted, the database is away.
 */
MUST_CHECK enum status export_task_run(const struct export_place *place);

/*
 * Within the work, after each portion: notes progress about each second and renews the lease. STATUS_NOT_FOUND: the
 * claim is over; STATUS_RETRY: this program is to stop; STATUS_REFUSED: the disk is nearly full.
 */
MUST_CHECK enum status export_task_tick(struct export_task *task);

/* End the open entry of the bundle and note it for the manifest; takes over more (NULL: nothing more to say). */
MUST_CHECK enum status export_task_end_entry(struct export_task *task, const char *path,
					     struct json_object *more, const char *sha256_expected);

/* Note something for the manifest that is no entry; takes over line. */
MUST_CHECK enum status export_task_note(struct export_task *task, struct json_object *line);

/* What a user reads about a code of base/words.h: the cause and what helps. */
const char *export_words(struct arena *arena, const char *code);
