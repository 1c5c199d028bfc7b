/* What a check long before a post's time needs and leaves. */
#pragma once
#include <stdint.h>

#include "base/status.h"
#include "base/words.h"
#include "store/queue.h"

struct arena;
struct db;

/*
 * The check of a scheduled post has ended: code is what would fail (NULL: nothing) with its words,
 * old_code what was said before; the claim is given back. STATUS_NOT_FOUND: it is not ours any more.
 */
MUST_CHECK enum status preflight_done(struct db *db, struct arena *arena, struct queue_claim claim,
				      const struct words *words, const char *code,
				      const char *old_code);

/* How many direct posts of the same account are sent or planned in the 24 hours before this one. */
MUST_CHECK enum status preflight_day_count(struct db *db, struct arena *arena, int64_t post_id,
					   int64_t *ret_count);
