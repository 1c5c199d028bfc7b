/* Verdicts and delays. */
#include "publish/decide.h"

#include <stdbool.h>

#include "base/status.h"

enum {
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	BACKOFF_BASE = 30,
	BACKOFF_CAP = 30 * MINUTE,
	FOLLOW_LIMIT = 72 * HOUR,
};

int64_t decide_backoff(int64_t errors, uint32_t random)
{
	int64_t limit = BACKOFF_BASE;
	for (int64_t i = 0; i < errors && limit < BACKOFF_CAP; i++)
		limit *= 2;
	if (limit > BACKOFF_CAP)
		limit = BACKOFF_CAP;
	return 1 + (int64_t)random % limit;
}

struct decision decide(const struct tiktok_meaning *meaning, int64_t errors, bool refreshed,
		       uint32_t random)
{
	switch (meaning->class) {
	case TIKTOK_FINE:
	case TIKTOK_RETRY:
		if (errors + 1 >= DECIDE_MAX_ERRORS)
			return (struct decision){ VERDICT_HOLD, 0 };
		return (struct decision){ VERDICT_LATER, decide_backoff(errors, random) };
	case TIKTOK_REFRESH:
		return (struct decision){ refreshed ? VERDICT_RECONNECT : VERDICT_REFRESH, 0 };
	case TIKTOK_RECONNECT:
		return (struct decision){ VERDICT_RECONNECT, 0 };
	case TIKTOK_WAIT:
		/* Some jitter, so that posts which met the same limit do not meet it together again. */
		return (struct decision){ VERDICT_WAIT,
					  meaning->wait_seconds + (int64_t)random % MINUTE };
	case TIKTOK_USER:
	case TIKTOK_OPERATOR:
	case TIKTOK_UNKNOWN:
		return (struct decision){ VERDICT_HOLD, 0 };
	case TIKTOK_PERMANENT:
		return (struct decision){ VERDICT_FAIL, 0 };
	}
	return (struct decision){ VERDICT_HOLD, 0 };
}

int64_t decide_next_check(int64_t checks, int64_t age_s)
{
	static const int64_t first[] = { 1, 2, 5, 10, 20, 40 };
	if (age_s >= FOLLOW_LIMIT)
		return -1;
	if (checks < (int64_t)ARRAY_SIZE(first))
		return first[checks];
	if (age_s < 30 * MINUTE)
		return MINUTE;
	if (age_s < 2 * HOUR)
		return 5 * MINUTE;
	return HOUR;
}
