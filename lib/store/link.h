/* What else of an account could be the video that is taken for a post (publish/link.h). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

/* Those of ids that are other posts' of the post's account; they live in the arena. */
MUST_CHECK enum status link_taken(struct db *db, struct arena *arena, int64_t post_id,
				  const char *const *ids, size_t count, const char ***ret_taken,
				  size_t *ret_count);

/*
 * Whether the account has another sent public post with the same caption and no id so far, whose video
 * would come into this post's time: it could be either's. The later post gets its id first.
 */
MUST_CHECK enum status link_has_rival(struct db *db, struct arena *arena, int64_t post_id,
				      bool *ret_has_rival);
