/* Uploaded videos, as their owner sees them. Their making is the upload program's. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "store/when.h"

struct arena;
struct db;

struct video_item {
	int64_t id;
	const char *name;
	const char *file;			     /* name in the media store; not for browsers */
	const char *state;			     /* "checking", "ready" or "refused" */
	const char *reason_code, *reason_message;    /* of a refusal, else NULL */
	const char *container, *codec, *audio_codec; /* NULL: not known */
	int64_t size, duration_ms, width, height, rotation, fps_milli; /* 0: not known */
	bool has_thumbnail;
	bool in_use; /* a post that is on its way needs it */
	struct moment created_at;
};

/*
 * At most limit of a user's videos, the newest first, older than the one with id before (0: from
 * the newest on), in one state (NULL: any). Strings live in the arena.
 */
MUST_CHECK enum status video_list(struct db *db, struct arena *arena, int64_t user_id,
				  const char *state, int64_t before, int64_t limit,
				  struct video_item **ret_videos, size_t *ret_count);

/* STATUS_NOT_FOUND: not theirs, or deleted. */
MUST_CHECK enum status video_get(struct db *db, struct arena *arena, int64_t user_id,
				 int64_t video_id, struct video_item *ret_video);

/*
 * Delete for the user at once; the janitor removes the files. STATUS_CONFLICT while a scheduled,
 * publishing or processing post needs it, STATUS_NOT_FOUND: not theirs, or deleted.
 */
MUST_CHECK enum status video_delete(struct db *db, struct arena *arena, int64_t user_id,
				    int64_t video_id);
