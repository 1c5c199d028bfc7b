/*
 * One breaker per API host, a row that all publishers share: it opens when the host stops answering,
 * and one call at a time then tries whether it is back (security-reliability 4.5).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "store/when.h"

struct arena;
struct db;

struct breaker_state {
	int64_t failures; /* calls in a row that were not answered */
	bool is_open, may_probe;
	int64_t closed_s; /* since the last outage of a minute or more has ended; -1: none known */
};

MUST_CHECK enum status breaker_read(struct db *db, const char *host,
				    struct breaker_state *ret_state);

/* count calls in a row failed, the last for account_id. STATUS_OK: ret_open tells whether it is open now. */
MUST_CHECK enum status breaker_fail(struct db *db, struct arena *arena, const char *host,
				    int64_t count, int64_t account_id, int64_t probe_seconds,
				    bool *ret_open);

/* The host has answered: closed. STATUS_NOT_FOUND when there was nothing to close. */
MUST_CHECK enum status breaker_answer(struct db *db, const char *host);

/* Become the one who tries. STATUS_NOT_FOUND: somebody else does, or it is too early. */
MUST_CHECK enum status breaker_probe(struct db *db, struct arena *arena, const char *host,
				     int64_t next_seconds);

/*
 * Since when TikTok has not answered, in words for this user; an empty moment while it does.
 * STATUS_NOT_FOUND: no such user.
 */
MUST_CHECK enum status breaker_since(struct db *db, struct arena *arena, int64_t user_id,
				     struct moment *ret_since);
