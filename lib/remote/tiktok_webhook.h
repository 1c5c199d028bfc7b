/* TikTok's webhooks (reference 5): the signature over the raw body, and the event in it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/status.h"

struct arena;

/*
 * Check a TikTok-Signature header, "t=<seconds>,s=<64 hex digits>" (or s first) and nothing else,
 * against the untouched body. now: Unix seconds. A t of up to 72 hours ago is good, as long as
 * TikTok retries (B40). STATUS_DENIED for everything that is not a valid signature of ours; header
 * may be NULL.
 */
MUST_CHECK enum status tiktok_webhook_verify(struct arena *arena, struct secret client_secret,
					     const char *header, const char *body, size_t length,
					     int64_t now);

/* One event; strings lie in the arena. */
struct tiktok_webhook {
	const char *event;
	const char *open_id;	/* "" when not told */
	const char *publish_id; /* NULL: none */
	const char *public_id;	/* decimal; NULL: none */
	const char *reason; /* a fail_reason, or the number of authorization.removed; NULL: none */
	int64_t sent_at;    /* Unix seconds; 0: not told */
	bool known;	    /* one that means something here, with all that it needs */
	const char *dedupe_key; /* the same for every delivery of the same event; bytea input */
};

/*
 * Read the body. STATUS_INVALID: not what TikTok's documents say; STATUS_DENIED: for another app
 * than client_key.
 */
MUST_CHECK enum status tiktok_webhook_parse(struct arena *arena, const char *client_key,
					    const char *body, size_t length,
					    struct tiktok_webhook *ret_webhook);
