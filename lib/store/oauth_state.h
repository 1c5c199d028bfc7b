/*
 * Sign-ins under way. The state word goes to TikTok and comes back; the database knows it only by
 * hash, bound to the browser by the hash of its cookie, for ten minutes and for one use (B27).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

enum { OAUTH_STATE_SECONDS = 600 };

struct oauth_state {
	int64_t user_id;	   /* who was signed in at the start; 0: nobody */
	int64_t account_id;	   /* the account to reconnect; 0: whichever comes */
	const char *return_path;   /* own path */
	const char *code_verifier; /* PKCE; NULL: not used */
	bool to_erase; /* only proves who somebody is, in order to erase: asks for the least */
};

/*
 * Note the start of a sign-in; browser is the cookie's word. ret_state is the word for TikTok.
 * STATUS_NOT_FOUND when the account is not the user's; STATUS_REFUSED when this user (or, signed
 * out, this browser) has begun too many within ten minutes (B106).
 */
MUST_CHECK enum status oauth_state_open(struct db *db, struct arena *arena, const char *browser,
					const struct oauth_state *begun, const char **ret_state);

/*
 * Use a state up. STATUS_NOT_FOUND when there is none that is alive, unused and of this browser;
 * which of these is not told.
 */
MUST_CHECK enum status oauth_state_take(struct db *db, struct arena *arena, const char *state,
					const char *browser, struct oauth_state *ret_begun);
