/* Which posts a publisher takes into hand, how many of each kind, and in which order. */
#pragma once
#include <stdbool.h>

#include "base/status.h"

struct engine;

/*
 * Take what is to be done, as far as there is room: confirmations, resumptions, new posts, then what
 * can be prepared or checked ahead. engine->claimed and more_due tell what was found. While TikTok
 * does not answer, at most one post.
 */
MUST_CHECK enum status claims_take(struct engine *engine);

/* True when more is due than the last look could take, and there is room for some of it. */
bool claims_are_wanted(const struct engine *engine);
