/* Videos being checked: claimed by one checker at a time, then ready or refused. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

struct video_claim {
	int64_t id;
	const char *file; /* its name in videos/ */
	int64_t size;	  /* bytes */
	int attempt;	  /* 1 for the first; a check that brought its process down counts too */
};

/* What a check found. Texts that are not known are NULL, numbers 0. */
struct video_finding {
	bool ready;
	const char *reason_code, *reason_message; /* NULL when ready */
	const char *container, *codec, *audio_codec;
	int width, height, rotation; /* pixels as displayed; degrees clockwise */
	int fps_milli;
	int64_t duration_ms;
	bool has_thumbnail;
};

/*
 * Lease the next video that waits for its check. Strings live in the arena.
 * STATUS_NOT_FOUND when none waits.
 */
MUST_CHECK enum status video_claim(struct db *db, struct arena *arena, int lease_seconds,
				   struct video_claim *ret_claim);

/* The check could not be made, through no fault of the file: try again in so many seconds. */
MUST_CHECK enum status video_unclaim(struct db *db, struct arena *arena,
				     const struct video_claim *claim, int seconds);

/*
 * Write the result; the file of a refused video is given to the janitor.
 * STATUS_NOT_FOUND: the video was deleted, or another check was faster.
 */
MUST_CHECK enum status video_checked(struct db *db, struct arena *arena,
				     const struct video_claim *claim,
				     const struct video_finding *finding);
