/*
 * The janitor's part of erasing (store/deletion.h has the asking). What is there of a user goes kind by kind, as the
 * inventory says and in its order, in batches, each a short transaction of its own together with its count: a death
 * anywhere loses no count, and nobody's due post waits.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/status.h"

struct arena;
struct db;
struct inventory_kind;

/* A request that is open, and what it waits for. */
struct erase_work {
	int64_t id, user_id;
	bool in_grace;	     /* it can still be taken back */
	bool grace_over;     /* nobody has taken it back in time: erase_begin() is due */
	bool tokens_revoked; /* the step is marked */
	int64_t age_hours;   /* since it was asked for, or since it could be taken back no more */
	int64_t posts_under_way;
};

/* The oldest open request after after_id; STATUS_NOT_FOUND when there is none. */
MUST_CHECK enum status erase_next(struct db *db, struct arena *arena, int64_t after_id,
				  struct erase_work *ret_work);

/* The time to take it back is over: audited. STATUS_NOT_FOUND: it was taken back in this moment. */
MUST_CHECK enum status erase_begin(struct db *db, struct arena *arena,
				   const struct erase_work *work);

/* Stop everything of the user: accounts, sessions, posts that have not begun; mark the steps. */
MUST_CHECK enum status erase_calm(struct db *db, struct arena *arena,
				  const struct erase_work *work);

/* Wipe tokens that could not be revoked in time; the step says so. */
MUST_CHECK enum status erase_wipe_tokens(struct db *db, struct arena *arena,
					 const struct erase_work *work);

/* No repair, check or export of the user's begins or comes to an end any more. */
MUST_CHECK enum status erase_stop_videos(struct db *db, struct arena *arena, int64_t user_id);

struct erase_names {
	const char **names;
	size_t count;
};

/* The next at most max names after after ("" at first) under which files of the user may lie. */
MUST_CHECK enum status erase_files(struct db *db, struct arena *arena, int64_t user_id,
				   const char *after, size_t max, struct erase_names *ret_names);

/* Keep the keyed hash (HMAC-SHA256) of the open_id of each account of the user with the request. */
MUST_CHECK enum status erase_subjects(struct db *db, struct arena *arena,
				      const struct erase_work *work, struct secret key);

/* The same hash as bytea input ("\x..."), to look for. */
const char *erase_subject_hash(struct arena *arena, struct secret key, const char *open_id);

/* When the user was made, in microseconds since 1970. STATUS_NOT_FOUND: gone. */
MUST_CHECK enum status erase_created(struct db *db, struct arena *arena, int64_t user_id,
				     int64_t *ret_microseconds);

/*
 * One batch of a kind that has its own statement. ret_names: of files whose rows went with it, to be removed once
 * more, as whoever wrote them may have been faster; ret_left: call again.
 */
MUST_CHECK enum status erase_batch(struct db *db, struct arena *arena,
				   const struct erase_work *work, const struct inventory_kind *kind,
				   struct erase_names *ret_names, bool *ret_left);

/* Kinds that go last of all, in erase_finish(): the accounts, by which others are found, and the user. */
bool erase_is_last(const struct inventory_kind *kind);

/*
 * The end, in one transaction: look that nothing else is left, remove accounts and user, look again, mark the last
 * two steps, audit. STATUS_CONFLICT, logged: something is left or came anew, and nothing was changed.
 */
MUST_CHECK enum status erase_finish(struct db *db, struct arena *arena,
				    const struct erase_work *work);

/*
 * Of users who were erased before, ids[i] made at created_us[i], those who are there again, because a backup was
 * restored: make a request for each.
 */
MUST_CHECK enum status erase_restored(struct db *db, struct arena *arena, const int64_t *ids,
				      const int64_t *created_us, size_t count, int64_t *ret_found);
