/*
 * Access tokens, opened and, when needed, refreshed: one refresh at a time and account across all
 * processes, the new pair durable before it is used (reference 1.6, security-reliability 4.7).
 * For the publisher and the creator program, which alone hold the secret key.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/status.h"

struct arena;
struct db;
struct http;
struct http_answer;
struct http_transfer;
struct secretbox_keys;
struct tiktok;
struct tiktok_error;

/* What a program that opens tokens works with; made once at start. */
struct token_source {
	struct db *db;
	struct http *http;
	const struct tiktok *tiktok;
	const struct secretbox_keys *keys;
};

struct token {
	struct secret access; /* in the arena */
	int64_t version;
};

/* What came of the refresh, where one was made, and why there is no token, where there is none. */
struct token_call {
	const struct http_answer *answer; /* NULL: TikTok was not asked */
	const struct tiktok_error *error; /* NULL: none */
};

/*
 * Called exactly once. STATUS_OK: token is good. STATUS_RETRY: try again in a moment (a refresh is
 * under way elsewhere, or the other side has trouble). STATUS_REFUSED: TikTok or the missing grant
 * says no; call->error says why, and the account is marked where its creator must act.
 * STATUS_CONFLICT: sealed with a key that this process does not have; nothing was asked, leased or changed, and another
 * publisher may have it. STATUS_BROKEN: a box that does not open.
 */
typedef void token_done(void *context, enum status st, const struct token *token,
			const struct token_call *call);

/* As rejected_version: refresh whatever the age of the token, e.g. to keep an idle account alive. */
#define TOKEN_REFRESH_NOW INT64_MAX

/*
 * Get the token of an account. rejected_version: the version that TikTok has just refused (then a
 * newer one is fetched), else 0. done may be called before this returns.
 * ret_transfer: the refresh under way, for http_cancel, until done is called; NULL when none.
 */
void token_get(const struct token_source *source, struct arena *arena, int64_t account_id,
	       int64_t rejected_version, token_done *done, void *context,
	       struct http_transfer **ret_transfer);

/*
 * Open an access token that was loaded before. As secretbox_open when the box does not
 * open (logged).
 */
MUST_CHECK enum status token_open(const struct token_source *source, struct arena *arena,
				  int64_t account_id, int64_t version, const char *access_sealed,
				  struct token *ret_token);
