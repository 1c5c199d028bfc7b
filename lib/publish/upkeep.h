/*
 * What the publisher does beside posting: heartbeat, holding the posts of lost accounts, refreshing
 * tokens ahead of need, giving access back to TikTok for accounts that are disconnected.
 */
#pragma once
#include <stdbool.h>

struct engine;
struct upkeep;

/* The state between rounds; upkeep_free ends it with whatever is under way. */
struct upkeep *upkeep_new(void);
void upkeep_free(struct upkeep *upkeep);

/* Start a round; does nothing while one is under way. */
void upkeep_begin(struct upkeep *upkeep, struct engine *engine);

/* True while requests of a round are under way. */
bool upkeep_is_busy(const struct upkeep *upkeep);
