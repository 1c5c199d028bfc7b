/*
 * What its owner does to a post: create, change, cancel. Each is one compare-and-set statement that
 * writes the timeline too; a new fence makes a publisher that has claimed the post let go of it.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "store/post.h"
#include "store/post_input.h"

struct arena;
struct db;

/* What is to be written: the outcome of post_plan. */
struct post_change {
	struct post_content content;
	enum post_state state; /* POST_DRAFT, POST_SCHEDULED, or POST_HELD where it stays held */
	const char *due_at;    /* RFC 3339 or "now"; NULL: none */
	bool waits_as_before;  /* time and state stay: so do reason and next attempt */
	const char *consent;   /* record of a new consent; NULL: the old one stands */
	bool post_again;       /* give up the last try, which may be public */
	const char *noted;     /* what was changed, for the timeline */
};

/* An Idempotency-Key and the body it came with; NULL: none. */
struct post_key {
	const char *key_hash, *body_hash; /* bytea input */
};

/*
 * Hold input against the database: is the account theirs and connected, the video ready, the time
 * in range. old is the post to be changed, NULL for a new one. What is wrong is added to faults,
 * which may hold faults already. ret_change is complete only when faults stay empty.
 */
MUST_CHECK enum status post_plan(struct db *db, struct arena *arena, int64_t user_id, bool audited,
				 const struct post *old, const struct post_input *input,
				 struct post_faults *faults, struct post_change *ret_change);

/*
 * The post that the user once created with this key. STATUS_NOT_FOUND: none; STATUS_CONFLICT: it
 * came with another body.
 */
MUST_CHECK enum status post_key_find(struct db *db, struct arena *arena, int64_t user_id,
				     struct post_key key, int64_t *ret_post_id);

/*
 * STATUS_CONFLICT: the key has been used meanwhile. STATUS_NOT_FOUND: account or video have changed
 * since post_plan: plan again.
 */
MUST_CHECK enum status post_create(struct db *db, struct arena *arena, int64_t user_id,
				   const struct post_change *change, struct post_key key,
				   int64_t *ret_post_id);

/*
 * Change a draft, scheduled or held post as it was read. STATUS_NOT_FOUND: it, account or video
 * have changed since: read and plan again.
 */
MUST_CHECK enum status post_edit(struct db *db, struct arena *arena, int64_t user_id,
				 const struct post *old, const struct post_change *change);

/*
 * Cancel a draft, scheduled or held post; harmless when it is cancelled. STATUS_CONFLICT: it is
 * past that, STATUS_NOT_FOUND: not theirs.
 */
MUST_CHECK enum status post_cancel(struct db *db, struct arena *arena, int64_t user_id,
				   int64_t post_id);
