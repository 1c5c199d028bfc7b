/*
 * Videos being checked: claimed by one checker at a time, then ready or refused; and ready ones being
 * hashed.
 */
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
	bool fps_variable;
	int64_t duration_ms;
	bool has_location, has_device; /* the file says where and with what it was recorded */
	bool has_thumbnail;
	int strip_frames; /* in frames/FILE.strip.jpg; 0: there is none */
	bool repairable;  /* refused, and coding it anew would mend it: its file is kept */
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
 * Write the result; the file of a refused video that is not repairable is given to the janitor.
 * STATUS_NOT_FOUND: the video was deleted, or another check was faster.
 */
MUST_CHECK enum status video_checked(struct db *db, struct arena *arena,
				     const struct video_claim *claim,
				     const struct video_finding *finding);

/* Lease the next ready video that has no hash. Strings live in the arena. STATUS_NOT_FOUND: none. */
MUST_CHECK enum status video_hash_claim(struct db *db, struct arena *arena, int lease_seconds,
					struct video_claim *ret_claim);

/* Lease it for so many seconds from now (0: give it back). STATUS_NOT_FOUND: gone, or hashed. */
MUST_CHECK enum status video_hash_renew(struct db *db, struct arena *arena,
					const struct video_claim *claim, int lease_seconds);

/* Write the hash, 64 hexadecimal digits. STATUS_NOT_FOUND: gone, or hashed by somebody else. */
MUST_CHECK enum status video_hashed(struct db *db, struct arena *arena,
				    const struct video_claim *claim, const char *sha256);
