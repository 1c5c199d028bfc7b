/*
 * The schedule queue as the publisher sees it: claims, leases, fences, attempts, moves. Every write
 * carries the fence of its claim; STATUS_NOT_FOUND from one means that somebody else has the post now
 * (or its user has changed it), and the caller must stop at once (I6).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

enum { QUEUE_LEASE_SECONDS = 120 };

struct queue_claim {
	int64_t id, fence;
};

/* What a claimed post is; texts are never NULL but where said. */
struct queue_post {
	int64_t id, fence, user_id, account_id;
	const char *state, *mode, *caption, *privacy_level;
	bool allow_comment, allow_duet, allow_stitch, your_brand, branded_content, is_aigc;
	int64_t cover_ms, errors, unrecorded, checks;
	int64_t due_in_ms; /* negative: past due */
	int64_t sent_age_s;
	const char *publish_id; /* NULL: none */
	int64_t public_id_count;

	const char *account_state, *open_id, *username, *scopes;

	const char *file; /* NULL: the video is gone */
	int64_t size, duration_ms;
	const char *container;
	bool video_usable;

	int64_t attempt_id;				    /* the live attempt; 0: none */
	const char *attempt_publish_id, *upload_url_sealed; /* NULL until known */
	int64_t bytes_total, chunk_size, chunk_count, bytes_acked;
	int64_t attempt_age_s;
	bool final_intent;
};

/* Take one post; STATUS_NOT_FOUND when there is none. horizon_seconds: how far ahead it may be due. */
MUST_CHECK enum status queue_claim_due(struct db *db, struct arena *arena, double horizon_seconds,
				       struct queue_claim *ret_claim);
MUST_CHECK enum status queue_claim_lost(struct db *db, struct arena *arena,
					struct queue_claim *ret_claim);
MUST_CHECK enum status queue_claim_check(struct db *db, struct arena *arena,
					 struct queue_claim *ret_claim);

/* Everything about a claimed post; strings live in the arena. */
MUST_CHECK enum status queue_load(struct db *db, struct arena *arena, struct queue_claim claim,
				  struct queue_post *ret_post);

/* Keep count leases; ret_kept[i] tells which are still ours. */
MUST_CHECK enum status queue_renew(struct db *db, struct arena *arena,
				   const struct queue_claim *claims, size_t count, bool *ret_kept);
MUST_CHECK enum status queue_release(struct db *db, struct arena *arena, struct queue_claim claim);

/* scheduled (or publishing, where an attempt was given up) -> publishing, with the attempt's intent. */
MUST_CHECK enum status queue_start(struct db *db, struct arena *arena,
				   const struct queue_post *post, int64_t total, int64_t chunk_size,
				   int64_t chunk_count, int64_t *ret_attempt_id);
/* scheduled -> publishing with the upload that is under way. */
MUST_CHECK enum status queue_resume(struct db *db, struct arena *arena, struct queue_claim claim);
MUST_CHECK enum status queue_opened(struct db *db, struct arena *arena, struct queue_claim claim,
				    int64_t attempt_id, const char *publish_id,
				    const char *upload_url_sealed);
MUST_CHECK enum status queue_acked(struct db *db, struct arena *arena, struct queue_claim claim,
				   int64_t attempt_id, int64_t bytes);
MUST_CHECK enum status queue_final_intent(struct db *db, struct arena *arena,
					  struct queue_claim claim, int64_t attempt_id);
MUST_CHECK enum status queue_close_attempt(struct db *db, struct arena *arena,
					   struct queue_claim claim, const char *outcome);

enum { QUEUE_NEVER = -1 };

/* One change of state. Zero-initialise, then name what matters. */
struct queue_move {
	const char *from, *to;
	const char *reason_code, *reason_message, *remedy_code, *remedy_message; /* NULL: none */
	bool set_next_attempt;
	int64_t next_attempt_seconds;
	int64_t next_check_seconds; /* QUEUE_NEVER: no check */
	bool is_error;
	const char *close_attempt; /* the outcome, NULL: stays open */
	bool keep_leased;	   /* a nap: nobody takes it for lease_seconds */
	int64_t lease_seconds;
	const char *log_id;
};
MUST_CHECK enum status queue_move(struct db *db, struct arena *arena, struct queue_claim claim,
				  const struct queue_move *move);

/* TikTok has told the public ids of a published post; url: the address of the first. */
MUST_CHECK enum status queue_public(struct db *db, struct arena *arena, struct queue_claim claim,
				    const char *const *ids, size_t count, const char *url);

/* A row of the timeline about one call. http_status 0: no answer. */
MUST_CHECK enum status queue_note_call(struct db *db, struct arena *arena, int64_t post_id,
				       const char *name, long http_status, const char *code,
				       const char *log_id, int64_t bytes, const char *message);
