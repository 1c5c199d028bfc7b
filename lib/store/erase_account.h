/* Erasing one account, after TikTok has told that its creator took access away and the time for a return is over. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

struct erase_account_work {
	int64_t id, user_id;
	bool is_last; /* the user has no other that is not disconnected: the user goes with it */
	int64_t age_hours; /* since its time was over */
	int64_t posts_under_way;
};

/* The next account after after_id whose time is over; STATUS_NOT_FOUND when there is none. */
MUST_CHECK enum status erase_account_next(struct db *db, struct arena *arena, int64_t after_id,
					  struct erase_account_work *ret_work);

/*
 * A batch of what hangs on it, at last the account itself, audited; or, of the last account, the request to erase its
 * user. ret_left: call again.
 */
MUST_CHECK enum status erase_account_step(struct db *db, struct arena *arena,
					  const struct erase_account_work *work, bool *ret_left);
