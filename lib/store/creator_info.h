/* TikTok's last word on what an account may post, for the checks ahead of a post's time. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

struct creator_info {
	int64_t account_id;
	const char *const *privacy_options;
	size_t privacy_option_count;
	bool comment_disabled, duet_disabled, stitch_disabled;
	int64_t max_duration_s;
	const char *nickname, *username; /* "": as they were */
};

/* STATUS_NOT_FOUND when the account is gone. */
MUST_CHECK enum status creator_info_store(struct db *db, struct arena *arena,
					  const struct creator_info *info);
