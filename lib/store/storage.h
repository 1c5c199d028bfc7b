/* What a user's videos take. */
#pragma once
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

struct storage {
	int64_t used_bytes, videos;	    /* of videos */
	int64_t checking, ready, refused;   /* of them */
	int64_t uploading_bytes, uploading; /* of unfinished uploads: what they will be */
	int64_t uploads_today;		    /* begun on this day (UTC) */
};

/* Add it up for one user, as of now. */
MUST_CHECK enum status storage_read(struct db *db, struct arena *arena, int64_t user_id,
				    struct storage *ret_storage);
