/* How a video is cut for upload (reference 3.5.1, 3.5.2). */
#pragma once
#include <stdint.h>

#include "base/status.h"

struct chunk_plan {
	int64_t total; /* bytes of the video, 1 to 4,000,000,000 */
	int64_t size;  /* bytes of every chunk but the last */
	int64_t count; /* 1 to 1000; the last chunk takes the remainder and is shorter than 2 * size */
};

/* The plan for a video of total bytes. STATUS_INVALID outside 1 to 4,000,000,000. */
MUST_CHECK enum status chunk_plan_make(int64_t total, struct chunk_plan *ret_plan);

/* First and last byte (inclusive) of chunk index, 0-based. */
void chunk_range(const struct chunk_plan *plan, int64_t index, int64_t *ret_first,
		 int64_t *ret_last);

/* The chunk to send next when the other side has bytes of them: rounded down to a chunk's start. */
int64_t chunk_of(const struct chunk_plan *plan, int64_t bytes);
