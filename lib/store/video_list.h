/* Uploaded videos, as their owner sees them. Their making is the upload program's. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "store/when.h"

struct arena;
struct db;

/* The coding anew of a refused video, as far as it is. */
struct video_repair {
	const char *state; /* "waiting", "running", "done" or "failed"; NULL: not asked for */
	int64_t percent;
	int64_t video_id; /* what came out of it, while that is there; else 0 */
	const char *reason_code, *reason_message; /* of a failure, else NULL */
};

struct video_item {
	int64_t id;
	const char *name;
	const char *file;			     /* name in the media store; not for browsers */
	const char *state;			     /* "checking", "ready" or "refused" */
	const char *reason_code, *reason_message;    /* of a refusal, else NULL */
	const char *container, *codec, *audio_codec; /* NULL: not known */
	int64_t size, duration_ms, width, height, rotation, fps_milli; /* 0: not known */
	bool has_thumbnail;
	int64_t strip_frames;	/* in its strip; 0: it has none */
	const char *sha256;	/* hexadecimal; NULL: not known yet */
	const char *tags;	/* with commas between them, in order; never NULL, as the next */
	const char *duplicates; /* ids of the user's other videos with the same content, likewise */
	int64_t posts;		/* made of it, those cancelled left out */
	int64_t scheduled_posts;
	bool used;   /* a post of it went out or is planned */
	bool in_use; /* a post that is on its way needs it */
	struct moment last_posted_at;
	bool fps_variable, has_location, has_device; /* as media/video.h has it */
	bool missing;				     /* its file is lost */
	bool repairable;   /* refused for what coding it anew would mend */
	int64_t repair_of; /* the video that it was made from, while that is there; else 0 */
	struct video_repair repair;
	struct moment created_at;
};

enum video_sort { VIDEO_NEWEST, VIDEO_LARGEST, VIDEO_BY_NAME, VIDEO_SORT_COUNT };

/* "newest", "largest" or "name". */
const char *video_sort_name(enum video_sort sort);

enum video_use { VIDEO_ANY_USE, VIDEO_USED, VIDEO_NEVER_USED };

/* Which videos, and where to go on. All zero: all of them, the newest first. */
struct video_filter {
	const char *state; /* NULL: any */
	const char *text;  /* in the name or in a tag, in whatever case; NULL: any */
	const char *tag;   /* NULL: any */
	enum video_use use;
	bool duplicates; /* only those of which there is another copy */
	enum video_sort sort;
	int64_t after; /* the id of the last one seen; 0: from the beginning */
	int64_t limit;
};

/* At most filter->limit of a user's videos. Strings live in the arena. */
MUST_CHECK enum status video_list(struct db *db, struct arena *arena, int64_t user_id,
				  const struct video_filter *filter, struct video_item **ret_videos,
				  size_t *ret_count);

/* STATUS_NOT_FOUND: not theirs, or deleted. */
MUST_CHECK enum status video_get(struct db *db, struct arena *arena, int64_t user_id,
				 int64_t video_id, struct video_item *ret_video);

struct video_tag {
	const char *tag;
	int64_t videos; /* that have it */
};

/* The user's tags, the most used first, at most limit. Strings live in the arena. */
MUST_CHECK enum status video_tags(struct db *db, struct arena *arena, int64_t user_id,
				  int64_t limit, struct video_tag **ret_tags, size_t *ret_count);
