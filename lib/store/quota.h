/*
 * The ledger of TikTok's limits (reference 3.10), in the database for all programs together (B107).
 * init and the caps per day are counted where a post begins (store/queue_write.h).
 */
#pragma once
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

/*
 * Count one call of kind ("creator_info" or "status") for an account if limit a minute allows it.
 * STATUS_CONFLICT when it does not: ret_wait_seconds says when it will.
 */
MUST_CHECK enum status quota_take(struct db *db, struct arena *arena, int64_t account_id,
				  const char *kind, int64_t limit, int64_t *ret_wait_seconds);

/*
 * TikTok refused a call all the same: none of this kind for so many seconds. kind: also "init",
 * "direct", "draft" or "active". account_id 0: the whole app.
 */
MUST_CHECK enum status quota_learn(struct db *db, struct arena *arena, int64_t account_id,
				   const char *kind, const char *code, int64_t seconds);
