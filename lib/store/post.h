/*
 * Posts, as their owner sees them; strings live in the arena. What the owner does to them is
 * store/post_change.h.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "store/when.h"

struct arena;
struct db;

/* The states of design 5, in the order of a post's life. */
enum post_state {
	POST_DRAFT,
	POST_SCHEDULED,
	POST_PUBLISHING,
	POST_PROCESSING,
	POST_PUBLISHED,
	POST_DELIVERED,
	POST_FAILED,
	POST_HELD,
	POST_CANCELLED,
	POST_STATE_COUNT,
};

enum post_mode {
	POST_DIRECT, /* TikTok publishes it */
	POST_INBOX,  /* "draft": it goes to the creator's inbox in TikTok */
};

/* The words of the database and of the API. */
const char *post_state_name(enum post_state state);
const char *post_mode_name(enum post_mode mode);

/* STATUS_NOT_FOUND: no such state or mode. */
MUST_CHECK enum status post_state_parse(const char *text, enum post_state *ret_state);
MUST_CHECK enum status post_mode_parse(const char *text, enum post_mode *ret_mode);

/* What the user decides, but for the time. */
struct post_content {
	int64_t account_id, video_id; /* 0: none */
	enum post_mode mode;
	const char *time_zone;
	const char *caption;	   /* never NULL */
	const char *privacy_level; /* NULL: not chosen yet */
	bool allow_comment, allow_duet, allow_stitch;
	bool your_brand, branded_content, is_aigc;
	int64_t cover_ms;
};

struct post {
	int64_t id;
	enum post_state state;
	struct post_content content;
	struct moment due_at;
	const char *local_time; /* due_at in its own zone, "YYYY-MM-DDTHH:MM[:SS]"; NULL: none */

	const char *reason_code, *reason_message; /* NULL: none, as below */
	const char *remedy_code, *remedy_message;
	/* what would fail at its time if nothing changed */
	const char *warning_code, *warning_message;
	const char *warning_remedy_code, *warning_remedy_message;
	const char *language; /* its user's */
	const char *publish_id, *public_url;
	const char *public_ids; /* comma-separated, "" none */
	int64_t attempts;
	struct moment next_attempt_at, consent_at, sent_at, finished_at, created_at, updated_at;

	int64_t fence;	    /* changes with every write that matters: for compare-and-set */
	bool partly_sent;   /* TikTok has opened an upload for it, which goes on where it was */
	bool may_be_public; /* its last byte may have arrived, and nobody knows what became of it */

	const char *account_name, *account_username, *account_avatar_url, *account_state;

	bool has_video; /* its video still exists */
	const char *video_name, *video_state;
	int64_t video_duration_ms, video_size;
	bool video_has_thumbnail;
};

struct post_event {
	int64_t id;
	struct moment at;
	const char *kind, *name; /* "state": name is the new state; "call": the call; "note" */
	const char *from_state, *code, *message, *log_id; /* NULL: none */
	int64_t http_status, bytes;			  /* 0: none */
	const char *language;				  /* its user's */
};

/* The user's posts with these ids, in their order; others' are left out. */
MUST_CHECK enum status post_read(struct db *db, struct arena *arena, int64_t user_id,
				 const int64_t *ids, size_t id_count, struct post **ret_posts,
				 size_t *ret_count);

/* STATUS_NOT_FOUND: not theirs. */
MUST_CHECK enum status post_get(struct db *db, struct arena *arena, int64_t user_id,
				int64_t post_id, struct post *ret_post);

/* At most limit events of a post in their order, from the one behind id after. */
MUST_CHECK enum status post_timeline(struct db *db, struct arena *arena, int64_t user_id,
				     int64_t post_id, int64_t after, int64_t limit,
				     struct post_event **ret_events, size_t *ret_count);
