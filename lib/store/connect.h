/*
 * Connecting is signing in (design 3): what an exchanged code changes, all of it in one
 * transaction: user, account, sealed tokens, session, and the posts that waited for the account.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/status.h"
#include "base/words.h"

struct arena;
struct config;
struct db;
struct secretbox_keys;

enum connect_outcome {
	CONNECT_NEW_USER,    /* the first account of a browser that was not signed in */
	CONNECT_ADDED,	     /* one more account of the signed-in user */
	CONNECT_RECONNECTED, /* an account that the signed-in user had before */
	CONNECT_SIGNED_IN,   /* nobody was signed in, and the account is known: its user is here */

	/* refused, nothing changed: */
	CONNECT_OTHER_ACCOUNT, /* not the account that was to be reconnected */
	CONNECT_OTHER_USER,    /* it belongs to another user of this site (B33) */
	CONNECT_ENDING,	       /* it is being disconnected or erased */
};

/* What the database knows of a TikTok account. */
struct connect_found {
	int64_t account_id, user_id; /* 0: unknown open_id */
	bool live;		     /* not disconnected */
	bool ending;		     /* being disconnected, or its user asked for erasure */
	bool user_has_live;	     /* its user has any account that is not disconnected */
	bool in_use;		     /* there are tokens of it */
};

/* user_id: who is signed in, 0: nobody; account_id: the one to reconnect, 0: any. */
enum connect_outcome connect_decide(const struct connect_found *found, int64_t user_id,
				    int64_t account_id);

/* Did it connect? */
static inline bool connect_succeeded(enum connect_outcome outcome)
{
	return outcome <= CONNECT_SIGNED_IN;
}

/* Whose data a TikTok account stands for, to somebody who wants it erased. */
struct connect_proof {
	int64_t user_id;	/* 0: nothing is stored under this account */
	bool in_use;		/* its tokens are in use here: the new ones must not be revoked */
	const char *session_id; /* a session that only erases; NULL: none */
};

/*
 * Find whom an account belongs to, by the rule that signing in has, and open a session that only erases; the browser's
 * old session (NULL: none) ends; address: the client's. Nothing is stored about the account. Audited.
 */
MUST_CHECK enum status connect_prove(struct db *db, struct arena *arena, const char *open_id,
				     const char *session_id, const char *address,
				     struct connect_proof *ret_proof);

struct connect_grant {
	int64_t user_id, account_id; /* as in connect_decide */
	const char *session_id;	     /* the browser's old session, ended on success; NULL: none */
	const char *address;	     /* the client's, for the audit trail; NULL: not known */
	const char *open_id, *scope; /* scope: comma-separated, as granted */
	struct secret access_token, refresh_token;
	int64_t expires_in, refresh_expires_in;		  /* seconds */
	const char *display_name, *username, *avatar_url; /* "" where unknown: the old one stays */
	/* The texts that a new user agrees to by connecting: the page says so beside the button. */
	const char *policy_version;
	enum words_language policy_language;
};

struct connect_result {
	enum connect_outcome outcome;
	int64_t user_id, account_id;
	const char *session_id;	   /* the new session's word, on success */
	const char *expected_name; /* CONNECT_OTHER_ACCOUNT: of the account that was meant */
	int64_t posts_resumed;	   /* held for this account, now going on */
	int64_t posts_late;	   /* held still: their time has passed */
};

/* Store what was granted. A refusal is STATUS_OK too: see the outcome. Audited in either case. */
MUST_CHECK enum status connect_account(struct db *db, struct arena *arena,
				       const struct config *config,
				       const struct secretbox_keys *keys,
				       const struct connect_grant *grant,
				       struct connect_result *ret_result);
