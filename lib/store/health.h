/* What tells whether the whole does its job: for /readyz. */
#pragma once
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

struct health {
	const char *schema;	    /* the newest migration of the database */
	int64_t heartbeat_age_s;    /* since a publisher last said that it lives; -1: never */
	int64_t oldest_due_age_s;   /* of a scheduled post that nobody takes; 0: none is late */
	int64_t oldest_lease_age_s; /* since the publisher of a post was last heard; 0: all live */
	int64_t oldest_check_age_s; /* since TikTok should have been asked about a post; 0: none */
	int64_t missing_videos;	    /* whose file the janitor did not find */
};

/* Look at everything in one statement. */
MUST_CHECK enum status health_read(struct db *db, struct arena *arena, struct health *ret_health);
