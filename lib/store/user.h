/* What a user has chosen for themselves. */
#pragma once
#include <stdint.h>

#include "base/status.h"
#include "store/when.h"

struct arena;
struct db;

enum { USER_KEEP_POSTED_DAYS_MAX = 3650 };

struct user {
	int64_t id;
	const char *time_zone, *language;
	int64_t keep_posted_days; /* of videos after their last post; 0: as the site does */
	struct moment created_at;
};

/* STATUS_NOT_FOUND when there is none. Strings live in the arena. */
MUST_CHECK enum status user_get(struct db *db, struct arena *arena, int64_t user_id,
				struct user *ret_user);

/*
 * Change the settings; a NULL stays as it is. The time zone must be known (when_zone_check).
 * STATUS_INVALID for a language that there is not; STATUS_NOT_FOUND: it was so already.
 */
MUST_CHECK enum status user_update(struct db *db, struct arena *arena, int64_t user_id,
				   const char *time_zone, const char *language);

/*
 * Keep videos for so many days (1 to USER_KEEP_POSTED_DAYS_MAX) after their last post; 0: as the site does.
 * STATUS_NOT_FOUND: it was so already.
 */
MUST_CHECK enum status user_keep_posted(struct db *db, struct arena *arena, int64_t user_id,
					int64_t days);
