/* What tells whether the whole does its job: for /readyz. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

/* Beyond these something is not well. */
enum {
	HEALTH_DISK_MIN_BYTES = 64 * 1024 * 1024,
	HEALTH_HEARTBEAT_MAX_S = 180, /* cron starts a publisher each minute */
	HEALTH_LATE_MAX_S = 300,
};

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

/* True while a publisher has lately said that it lives. */
bool health_publisher_is_well(const struct health *health);

/* True while no post waits too long for a publisher. */
bool health_queue_is_well(const struct health *health);
