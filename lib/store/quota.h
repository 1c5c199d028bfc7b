/* TikTok's limits per token and minute, counted in the database for all programs together (B107). */
#pragma once
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

/*
 * Count one call of kind ("init", "creator_info" or "status") for an account if limit a minute allows
 * it. STATUS_CONFLICT when it does not: ret_wait_seconds says when it will.
 */
MUST_CHECK enum status quota_take(struct db *db, struct arena *arena, int64_t account_id,
				  const char *kind, int64_t limit, int64_t *ret_wait_seconds);
