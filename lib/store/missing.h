/* Videos and whether their files are there, for the janitor. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

struct missing_video {
	int64_t id, user_id;
	const char *file; /* name in media_dir/videos */
	bool is_noted;	  /* as missing */
};

/* At most max videos that have to have a file, with ids above after, in the arena. */
MUST_CHECK enum status missing_videos(struct db *db, struct arena *arena, int64_t after,
				      int64_t max, struct missing_video **ret_videos,
				      size_t *ret_count);

/* Note that the file is gone, or is back. STATUS_NOT_FOUND: the video has been deleted meanwhile. */
MUST_CHECK enum status missing_note(struct db *db, struct arena *arena, int64_t video_id,
				    bool missing);
