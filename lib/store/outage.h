/* Whether TikTok answers, as the publishers have found it: for what people are told. */
#pragma once
#include <stdint.h>

#include "base/status.h"
#include "store/when.h"

struct arena;
struct db;

/*
 * Since when TikTok has not answered, in words for this user; an empty moment while it does.
 * STATUS_NOT_FOUND: no such user.
 */
MUST_CHECK enum status outage_read(struct db *db, struct arena *arena, int64_t user_id,
				   struct moment *ret_since);
