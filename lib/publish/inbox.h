/* Verified webhook deliveries, given effect (reference 5.3, B42, B44). */
#pragma once
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

/*
 * Take the deliveries that wait. Publish events make TikTok's status be asked at once (or, where no
 * status can tell any more, settle a doubt); authorization.removed marks the account,
 * whose data the janitor erases removed_days later (at once when TikTok says that the creator is gone).
 */
MUST_CHECK enum status inbox_handle(struct db *db, struct arena *arena, int64_t removed_days);
