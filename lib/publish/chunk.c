/* The planner: safe under every reading of TikTok's rules. */
#include "publish/chunk.h"

enum { WHOLE_MAX_BYTES = 64000000, CHUNK_BYTES = 10485760 };
#define TOTAL_MAX_BYTES INT64_C(4000000000)

enum status chunk_plan_make(int64_t total, struct chunk_plan *ret_plan)
{
	if (total < 1 || total > TOTAL_MAX_BYTES)
		return STATUS_INVALID;
	/* One chunk must be as large as the video (3.5.1); more are all of the same moderate size. */
	if (total <= WHOLE_MAX_BYTES)
		*ret_plan = (struct chunk_plan){ total, total, 1 };
	else
		*ret_plan = (struct chunk_plan){ total, CHUNK_BYTES, total / CHUNK_BYTES };
	return STATUS_OK;
}

void chunk_range(const struct chunk_plan *plan, int64_t index, int64_t *ret_first,
		 int64_t *ret_last)
{
	*ret_first = index * plan->size;
	*ret_last = index == plan->count - 1 ? plan->total - 1 : *ret_first + plan->size - 1;
}

int64_t chunk_of(const struct chunk_plan *plan, int64_t bytes)
{
	int64_t index = bytes / plan->size;
	return index < plan->count ? index : plan->count - 1;
}
