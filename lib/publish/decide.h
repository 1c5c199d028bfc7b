/*
 * What to do next, as pure functions: from TikTok's answer (its class, reference 3.9) and what has
 * been tried to a verdict; and when to try and to ask again.
 */
#pragma once
#include <stdint.h>

#include "remote/tiktok_error.h"

enum verdict {
	VERDICT_REFRESH,   /* get a new access token and repeat, once */
	VERDICT_RECONNECT, /* the account's creator must act; its posts are held */
	VERDICT_LATER,	   /* try again after delay_s; counts as an error */
	VERDICT_WAIT,	   /* try again after delay_s; a limit, no error */
	VERDICT_HOLD,	   /* the user or the operator must act */
	VERDICT_FAIL,	   /* never */
};

struct decision {
	enum verdict verdict;
	int64_t delay_s;
};

enum { DECIDE_MAX_ERRORS = 5 };

/*
 * errors: how many tries of this post have failed so far; refreshed: whether a fresh token was used;
 * random: any number, for jitter.
 */
struct decision decide(const struct tiktok_meaning *meaning, int64_t errors, _Bool refreshed,
		       uint32_t random);

/* Full jitter (security-reliability 4.5): 1 to min(30 min, 30 s * 2^errors) seconds. */
int64_t decide_backoff(int64_t errors, uint32_t random);

/*
 * Seconds until TikTok is asked again about a post: quickly at first, hourly after two hours, and
 * -1 after 72 hours. checks: how often it was asked in this state; age_s: since it was sent.
 */
int64_t decide_next_check(int64_t checks, int64_t age_s);
