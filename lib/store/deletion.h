/*
 * Asking for the erasure of a user, taking that back, and the receipt (B115-B116). A request stops everything at
 * once; then the publisher gives the tokens back, and the janitor waits for posts that are on their way, removes
 * files and rows, and at last the user (store/erase.h). The request outlives the user: whoever has the receipt can
 * read how far it is.
 *
 * With deletion_grace_days the request only waits at first: scheduled posts are held, and whoever has the receipt, or
 * signs in again, can take it back.
 *
 * Every function here can be repeated, and a death between two of them loses nothing: what is to be
 * done follows from what is there.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

/*
 * The steps, in the order in which they are shown:
 *   posts_cancelled   drafts, scheduled and held posts          (who asks, or the janitor)
 *   sessions_closed   signed out everywhere                     (who asks, or the janitor)
 *   tokens_revoked    access given back to TikTok, tokens gone  (publisher)
 *   posts_ended       posts that were on their way              (janitor waits for them)
 *   files_removed     videos, previews, uploads, exports        (janitor)
 *   data_erased       posts, accounts, settings, the user       (janitor)
 *   checked           nothing is left in any table              (janitor)
 */
enum { DELETION_STEPS = 7 };

struct deletion_step {
	const char *name;
	const char *done_at_text; /* "2026-11-22 14:05 UTC"; NULL: not yet */
	const char *detail;	  /* a word on how it ended, NULL: as it should */
};

/* What was erased of one kind of the inventory. */
struct deletion_count {
	const char *kind;
	int64_t removed, bytes; /* rows; bytes of files, 0 where it has none */
};

struct deletion {
	int64_t id, user_id;
	const char *state; /* "grace", "waiting", "done" or "undone" */
	const char
		*origin; /* who asked: "user", "reconnect", "operator", "webhook" or "restored" */
	const char *requested_at_text;
	const char *grace_until_text; /* NULL: it began at once */
	const char *finished_at_text; /* done or undone; else NULL */
	struct deletion_step steps[DELETION_STEPS];
	struct deletion_count *counts;
	size_t count_count;
};

/* What would go, for the form. */
struct deletion_preview {
	int64_t accounts, posts_waiting, posts_under_way, posts_past, videos;
	bool waiting;		      /* asked for already, and under way */
	const char *grace_until_text; /* asked for, and can be taken back until then; else NULL */
};

/* Count what a request would erase now. */
MUST_CHECK enum status deletion_preview(struct db *db, struct arena *arena, int64_t user_id,
					struct deletion_preview *ret_preview);

/* Until when the user can take a request back, as text; NULL where there is none to take back. */
MUST_CHECK enum status deletion_grace(struct db *db, struct arena *arena, int64_t user_id,
				      const char **ret_until_text);

struct deletion_ask {
	int64_t user_id;
	const char *origin;  /* as in struct deletion */
	int64_t grace_days;  /* 0: it begins at once */
	const char *reason;  /* a code; NULL: none */
	const char *address; /* the client's, for the audit trail; NULL: no request */
};

struct deletion_opened {
	int64_t id;
	const char *receipt; /* the word of the receipt's address */
};

/*
 * Note the request alone; the janitor stops what is going on. STATUS_CONFLICT when it was asked for and is not done,
 * STATUS_NOT_FOUND: no such user.
 */
MUST_CHECK enum status deletion_open(struct db *db, struct arena *arena,
				     const struct deletion_ask *ask,
				     struct deletion_opened *ret_opened);

/*
 * Ask for it and stop everything: mark the accounts disconnecting and cancel posts, or in grace hold what is
 * scheduled; end all sessions, audit. Statuses as deletion_open().
 */
MUST_CHECK enum status deletion_request(struct db *db, struct arena *arena,
					const struct deletion_ask *ask, const char **ret_receipt);

/*
 * Take it back, by the receipt, or of a user (the other NULL or 0): posts that were held for it and whose time has
 * not come are scheduled again, the others stay held as missed.
 * address: the client's. STATUS_NOT_FOUND: there is none that can be taken back.
 */
MUST_CHECK enum status deletion_undo(struct db *db, struct arena *arena, const char *receipt,
				     int64_t user_id, const char *address);

/* The request of a receipt. STATUS_NOT_FOUND when there is none. */
MUST_CHECK enum status deletion_get(struct db *db, struct arena *arena, const char *receipt,
				    struct deletion *ret_deletion);

/* Cancel, batch by batch, the posts of the user that have not begun, the next due first; mark the step. */
MUST_CHECK enum status deletion_cancel_posts(struct db *db, struct arena *arena, int64_t request_id,
					     int64_t user_id);

/* Likewise hold what is scheduled, until the request is taken back or begins. */
MUST_CHECK enum status deletion_hold_posts(struct db *db, struct arena *arena, int64_t user_id);

/*
 * For whoever has revoked and wiped tokens: marks the step where the user has asked for erasure and
 * no account of theirs is connected or being disconnected any more. STATUS_OK also when that is not
 * so.
 */
MUST_CHECK enum status deletion_tokens_revoked(struct db *db, struct arena *arena, int64_t user_id);

/* Mark a step; the first time counts. */
MUST_CHECK enum status deletion_mark(struct db *db, struct arena *arena, int64_t request_id,
				     const char *step, const char *detail);
