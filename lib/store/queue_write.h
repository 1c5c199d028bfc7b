/*
 * What publishers write of the posts they have claimed. Each call writes many rows in one statement:
 * a round of the publisher has its writes made together, so that hundreds of posts cost a few
 * commits. Each row is compare-and-set on its fence (and state): ret_done[i] is false where it did
 * not match, and the caller must then let go of that post at once (I6).
 *
 * A status other than STATUS_OK means that nothing was written: STATUS_RETRY for a database that is
 * away, STATUS_CONFLICT or STATUS_INVALID when a row breaks a rule of the schema.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

/* scheduled (or publishing, where an attempt was given up) -> publishing with the intent to call init. */
struct queue_start {
	int64_t id, fence;
	int64_t account_id; /* of one call at most one row for each account */
	const char *from;
	int64_t total, chunk_size, chunk_count;
	const char
		*pull_hash; /* bytea input of 32 bytes: TikTok fetches the video; NULL: we upload */
};

/* TikTok's limits as this installation knows them. */
struct queue_limits {
	int64_t per_account; /* posts in transfer at once */
	int64_t init_per_minute, direct_per_day, pending_drafts;
	int64_t active_creators; /* of the whole app a day; 0: not known */
};

enum queue_start_result {
	QUEUE_STARTED,
	QUEUE_LOST, /* the fence is not ours any more */
	QUEUE_BUSY, /* as many posts of its account as may be are in transfer */
	QUEUE_WAIT, /* a limit: not before wait_seconds */
};

struct queue_started {
	enum queue_start_result result;
	int64_t attempt_id;
	const char *wait_code; /* TikTok's code or words of ours; in the arena */
	int64_t wait_seconds;
};

/* Look at the limits and begin where they allow it, in one transaction. */
MUST_CHECK enum status queue_start_all(struct db *db, struct arena *arena,
				       const struct queue_limits *limits,
				       const struct queue_start *starts, size_t count,
				       struct queue_started *ret_started);

/* init has been answered: publish_id and address are durable before a byte leaves (I1). */
struct queue_open {
	int64_t id, fence, attempt_id;
	const char *publish_id;
	const char *upload_url_sealed; /* NULL: a pull has none */
	bool final; /* the next byte may be the last: write that intent too (I3) */
};
/* ret_final[i]: that intent stands; false for a user who wants to be erased. */
MUST_CHECK enum status queue_open_all(struct db *db, struct arena *arena,
				      const struct queue_open *opens, size_t count, bool *ret_done,
				      bool *ret_final);

/* TikTok has the first bytes of the video; final: the last chunk is sent next. */
struct queue_ack {
	int64_t id, fence, attempt_id, bytes;
	bool final;
};
MUST_CHECK enum status queue_ack_all(struct db *db, struct arena *arena,
				     const struct queue_ack *acks, size_t count, bool *ret_done,
				     bool *ret_final);

enum { QUEUE_NEVER = -1 };

/* One change of state, after which the post is free. Zero-initialise, then name what matters. */
struct queue_move {
	int64_t id, fence;
	const char *from, *to;
	const char *reason_code, *reason_message, *remedy_code, *remedy_message; /* NULL: none */
	bool set_next_attempt;
	int64_t next_attempt_seconds;
	bool late_from_there;	    /* a limit put it off: lateness counts from the next attempt */
	int64_t next_check_seconds; /* QUEUE_NEVER: no check */
	int64_t preflight_seconds;  /* 0: as it was; else when to look whether the cause is gone */
	bool stop_preflight;	    /* it is not looked at any more */
	bool is_error;
	bool is_prepared;	   /* all is in order for its time */
	const char *close_attempt; /* the outcome, NULL: stays open */
	bool keep_leased;	   /* a nap: nobody takes it for lease_seconds */
	int64_t lease_seconds;
	const char *log_id;
};
MUST_CHECK enum status queue_move_all(struct db *db, struct arena *arena,
				      const struct queue_move *moves, size_t count, bool *ret_done);

/* A row of the timeline about one call. http_status 0: no answer. Texts may be NULL. */
struct queue_note {
	int64_t post_id;
	const char *name, *code, *log_id, *message;
	long http_status;
	int64_t bytes; /* of the body; -1: none */
};
MUST_CHECK enum status queue_note_all(struct db *db, struct arena *arena,
				      const struct queue_note *notes, size_t count);

/* The live attempt, of which no publish_id is known, is closed (I4a). STATUS_NOT_FOUND: there is none. */
MUST_CHECK enum status queue_close_attempt(struct db *db, struct arena *arena, int64_t id,
					   int64_t fence, const char *outcome);

/* TikTok has told the public ids of a published post; url: the address of the first. */
MUST_CHECK enum status queue_public(struct db *db, struct arena *arena, int64_t id, int64_t fence,
				    const char *const *ids, size_t count, const char *url);
