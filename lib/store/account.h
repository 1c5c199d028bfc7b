/* Connected TikTok accounts, as their owner sees them. Tokens are elsewhere (account_token). */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "store/when.h"

struct arena;
struct db;

struct account {
	int64_t id;
	const char *open_id, *display_name, *username, *avatar_url;
	const char *scopes;	  /* granted, comma-separated */
	const char *state;	  /* "connected", "reconnect", "disconnecting" or "disconnected" */
	const char *state_reason; /* NULL: none */
	struct moment connected_at;
};

/* All accounts of a user but the disconnected ones, the oldest first; strings live in the arena. */
MUST_CHECK enum status account_list(struct db *db, struct arena *arena, int64_t user_id,
				    struct account **ret_accounts, size_t *ret_count);

/* One account of the user in whatever state. STATUS_NOT_FOUND when it is not theirs. */
MUST_CHECK enum status account_get(struct db *db, struct arena *arena, int64_t user_id,
				   int64_t account_id, struct account *ret_account);

/*
 * Begin to disconnect: the publisher revokes the tokens at TikTok and wipes them. Scheduled posts
 * are held, drafts stay. Harmless when it is under way or done. STATUS_NOT_FOUND: not theirs.
 * address: the client's, for the audit trail.
 */
MUST_CHECK enum status account_disconnect(struct db *db, struct arena *arena, int64_t user_id,
					  int64_t account_id, const char *address);
