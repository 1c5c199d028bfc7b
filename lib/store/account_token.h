/* The sealed tokens of an account, for the two programs that may open them. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

struct account_token {
	int64_t version;
	const char *access_sealed, *refresh_sealed;
	const char *open_id, *account_state;
	bool stale;   /* a quarter of its life or ten minutes are left: refresh before use */
	bool expired; /* the access token is dead or nearly so */
	bool refresh_expired; /* only the creator can help */
	int64_t lost;	      /* refreshes in a row that were not answered */
};

/* STATUS_NOT_FOUND when the account has no tokens. */
MUST_CHECK enum status account_token_load(struct db *db, struct arena *arena, int64_t account_id,
					  struct account_token *ret_token);

/*
 * Become the one who may refresh, for 60 seconds. STATUS_NOT_FOUND when somebody else does or did
 * (the version has moved on), or when the next try is not due yet.
 */
MUST_CHECK enum status account_token_lease(struct db *db, struct arena *arena, int64_t account_id,
					   int64_t version, int64_t *ret_fence);

/* Store the new pair under the lease. STATUS_NOT_FOUND when the lease was lost. */
MUST_CHECK enum status account_token_save(struct db *db, struct arena *arena, int64_t account_id,
					  int64_t fence, int64_t version, const char *access_sealed,
					  const char *refresh_sealed, int64_t expires_in,
					  int64_t refresh_expires_in, const char *scopes);

/* Let the lease go; the next try is due in retry_seconds. */
MUST_CHECK enum status account_token_failed(struct db *db, struct arena *arena, int64_t account_id,
					    int64_t fence, int64_t retry_seconds);

/* Mark the account as one that its creator must reconnect; code is TikTok's. */
MUST_CHECK enum status account_token_lost(struct db *db, struct arena *arena, int64_t account_id,
					  const char *code);
