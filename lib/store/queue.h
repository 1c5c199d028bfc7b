/*
 * The schedule queue as the publisher sees it: claims, leases and fences; what it writes of claimed posts
 * is store/queue_write.h. A claim's fence is in every later write: a post that somebody else has
 * taken, or its user has changed, can not be written any more (I6).
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
	int64_t due_in_ms; /* until the next attempt; negative: past due */
	int64_t late_s;	   /* behind that time, or the one a limit has put it off to */
	int64_t sent_age_s, sent_at_unix;
	const char *publish_id; /* NULL: none */
	int64_t public_id_count;
	const char *blocked_code; /* a limit that TikTok has taught, for so long; NULL: none */
	int64_t blocked_s;
	const char *told;			/* the last webhook about this upload; NULL: none */
	const char *reason_code, *warning_code; /* NULL: none */
	bool is_prepared; /* everything but init was found in order less than five minutes before its time */

	const char *account_state, *open_id, *username, *scopes;
	int64_t token_version;
	const char *access_sealed; /* NULL: no tokens */
	bool is_token_fresh;	   /* serves for the next five minutes (or a quarter of its life) */
	bool refresh_ends_first;   /* the connection ends before the post's time, within a day */

	/* TikTok's last creator_info; age -1: none */
	const char *privacy_options; /* comma-separated */
	bool comment_disabled, duet_disabled, stitch_disabled;
	int64_t max_duration_s, creator_info_age_s;

	const char *file; /* NULL: the video is gone */
	int64_t size, duration_ms;
	const char *container;
	bool video_usable;

	int64_t attempt_id;				    /* the live attempt; 0: none */
	const char *attempt_publish_id, *upload_url_sealed; /* NULL until known */
	int64_t bytes_total, chunk_size, chunk_count, bytes_acked;
	int64_t attempt_age_s;
	bool final_intent, is_pull;
};

/*
 * Take up to max posts, for QUEUE_LEASE_SECONDS; STATUS_OK with *ret_count 0 when there are none.
 * ret_claims has room for max.
 */
struct queue_due {
	double horizon_seconds;	 /* how far ahead they may fall due */
	int64_t per_account;	 /* of an account in transfer at once */
	int64_t spacing_seconds; /* between posts of an account that an outage has kept back */
};
MUST_CHECK enum status queue_claim_due(struct db *db, struct arena *arena,
				       const struct queue_due *what, size_t max,
				       struct queue_claim *ret_claims, size_t *ret_count);
/* What falls due in from_seconds to to_seconds and is not prepared. */
MUST_CHECK enum status queue_claim_ahead(struct db *db, struct arena *arena, double from_seconds,
					 double to_seconds, size_t max,
					 struct queue_claim *ret_claims, size_t *ret_count);
/* What another publisher has left in transfer. */
MUST_CHECK enum status queue_claim_lost(struct db *db, struct arena *arena, size_t max,
					struct queue_claim *ret_claims, size_t *ret_count);
/* What TikTok is to be asked about. */
MUST_CHECK enum status queue_claim_check(struct db *db, struct arena *arena, size_t max,
					 struct queue_claim *ret_claims, size_t *ret_count);
/* What is to be checked long before its time, and held posts whose cause may be gone. */
MUST_CHECK enum status queue_claim_preflight(struct db *db, struct arena *arena, size_t max,
					     struct queue_claim *ret_claims, size_t *ret_count);

/*
 * Everything about claimed posts; the strings of the i-th live in arenas[i]. ret_found[i] is false
 * where the claim is not ours any more; ret_posts[i] is untouched then.
 */
MUST_CHECK enum status queue_load(struct db *db, struct arena *arena, struct arena *const *arenas,
				  const struct queue_claim *claims, size_t count,
				  struct queue_post *ret_posts, bool *ret_found);

/* Keep count leases; ret_kept[i] tells which are still ours. */
MUST_CHECK enum status queue_renew(struct db *db, struct arena *arena,
				   const struct queue_claim *claims, size_t count, bool *ret_kept);
/* Give a claim back unharmed. STATUS_NOT_FOUND: it is not ours any more. */
MUST_CHECK enum status queue_release(struct db *db, struct arena *arena, struct queue_claim claim);

/*
 * scheduled -> publishing with the upload that is under way. STATUS_NOT_FOUND: per_account posts of
 * its account are in transfer already, or the claim is not ours any more.
 */
MUST_CHECK enum status queue_resume(struct db *db, struct arena *arena, struct queue_claim claim,
				    int64_t per_account);

/* Words for many posts at once; all of a queue_words are written as given. */
struct queue_words {
	const char *code, *message, *remedy_code, *remedy;
};
/* Hold what has been due for more than late_minutes. STATUS_NOT_FOUND: there is none. */
MUST_CHECK enum status queue_hold_missed(struct db *db, struct arena *arena, int64_t late_minutes,
					 const struct queue_words *words);
/*
 * While TikTok does not answer: tell the users of what is due, and of what has code_before as its
 * reason, which is due again. STATUS_NOT_FOUND: there is none.
 */
MUST_CHECK enum status queue_wait_out(struct db *db, const struct queue_words *words,
				      const char *code_before);
