/* What its owner does to a video: name, tags, deletion, and having a refused one coded anew. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

enum {
	VIDEO_NAME_MAX = 200, /* characters */
	VIDEO_TAG_MAX = 40,
	VIDEO_TAGS_MAX = 20,
};

struct video_change {
	const char *name;	 /* NULL: the old one stays */
	const char *const *tags; /* in any case, without blanks around; NULL: the old ones stay */
	size_t tag_count;
};

/*
 * STATUS_NOT_FOUND: not theirs, or deleted. STATUS_INVALID: a tag that is too long in lower case,
 * which few letters make it.
 */
MUST_CHECK enum status video_change(struct db *db, struct arena *arena, int64_t user_id,
				    int64_t video_id, const struct video_change *change);

/*
 * Delete for the user at once; the janitor removes the files. cancel_posts: scheduled posts of it are
 * cancelled with it, or nothing is changed. STATUS_CONFLICT while a scheduled, publishing or
 * processing post needs it, STATUS_NOT_FOUND: not theirs, or deleted.
 */
MUST_CHECK enum status video_delete(struct db *db, struct arena *arena, int64_t user_id,
				    int64_t video_id, bool cancel_posts);

/*
 * Have a refused video coded anew, again where that failed or its result was deleted. STATUS_CONFLICT:
 * it would not help, or it is under way or done. STATUS_NOT_FOUND: not theirs, or deleted.
 */
MUST_CHECK enum status video_repair_ask(struct db *db, struct arena *arena, int64_t user_id,
					int64_t video_id);

/* Give it up, or forget one that failed. STATUS_NOT_FOUND: there is none, or it is done. */
MUST_CHECK enum status video_repair_cancel(struct db *db, struct arena *arena, int64_t user_id,
					   int64_t video_id);
