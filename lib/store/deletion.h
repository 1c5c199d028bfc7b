/*
 * Erasing a user (B115-B116). A request stops everything at once; then the publisher gives the
 * tokens back, and the janitor waits for posts that are on their way, removes files and rows, and
 * at last the user. The request outlives the user: whoever has the receipt can read how far it is.
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
 *   posts_cancelled   drafts, scheduled and held posts          (the request itself)
 *   sessions_closed   signed out everywhere                     (the request itself)
 *   tokens_revoked    access given back to TikTok, tokens gone  (publisher)
 *   posts_ended       posts that were on their way              (janitor waits for them)
 *   files_removed     videos, previews, uploads                 (janitor)
 *   data_erased       posts, accounts, settings, the user       (janitor)
 */
enum { DELETION_STEPS = 6 };

struct deletion_step {
	const char *name;
	const char *done_at_text; /* "2026-11-22 14:05 UTC"; NULL: not yet */
	const char *detail;	  /* a word on how it ended, NULL: as it should */
};

struct deletion {
	int64_t id, user_id;
	bool done;
	const char *requested_at_text, *finished_at_text; /* the latter NULL until done */
	struct deletion_step steps[DELETION_STEPS];
};

/* What would go, for the form. */
struct deletion_preview {
	int64_t accounts, posts_waiting, posts_under_way, posts_past, videos;
	bool waiting; /* asked for already */
};

/* Count what a request would erase now. */
MUST_CHECK enum status deletion_preview(struct db *db, struct arena *arena, int64_t user_id,
					struct deletion_preview *ret_preview);

/*
 * Ask for it: cancel posts, mark the accounts disconnecting, end all sessions, audit. ret_receipt
 * is the word of the receipt's address. STATUS_CONFLICT when it was asked for and is not done.
 */
MUST_CHECK enum status deletion_request(struct db *db, struct arena *arena, int64_t user_id,
					const char **ret_receipt);

/* The request of a receipt. STATUS_NOT_FOUND when there is none. */
MUST_CHECK enum status deletion_get(struct db *db, struct arena *arena, const char *receipt,
				    struct deletion *ret_deletion);

/*
 * For whoever has revoked and wiped tokens: marks the step where the user has asked for erasure and
 * no account of theirs is connected or being disconnected any more. STATUS_OK also when that is not
 * so.
 */
MUST_CHECK enum status deletion_tokens_revoked(struct db *db, struct arena *arena, int64_t user_id);

/* The janitor's part. A request that waits, and what it waits for. */
struct deletion_work {
	int64_t id, user_id;
	bool tokens_revoked; /* the step is marked */
	int64_t age_hours;
	int64_t posts_under_way;
};

/* The oldest waiting request after after_id; STATUS_NOT_FOUND when there is none. */
MUST_CHECK enum status deletion_next(struct db *db, struct arena *arena, int64_t after_id,
				     struct deletion_work *ret_work);

/* Stop once more what the user may have begun in the very moment of asking. */
MUST_CHECK enum status deletion_calm(struct db *db, struct arena *arena, int64_t user_id);

/* Wipe tokens that could not be revoked in time; the step says so. */
MUST_CHECK enum status deletion_wipe_tokens(struct db *db, struct arena *arena,
					    const struct deletion_work *work);

/* Names of at most max files of the user, and whether each is an upload that is under way. */
struct deletion_file {
	const char *name;
	bool is_upload;
};
MUST_CHECK enum status deletion_files(struct db *db, struct arena *arena, int64_t user_id,
				      size_t max, struct deletion_file **ret_files,
				      size_t *ret_count);

/* The file is gone: remove its row. */
MUST_CHECK enum status deletion_file_gone(struct db *db, struct arena *arena, int64_t user_id,
					  const struct deletion_file *file);

/* Erase some rows of the user, children first; ret_left: call again. */
MUST_CHECK enum status deletion_rows(struct db *db, struct arena *arena, int64_t user_id,
				     bool *ret_left);

/* Mark a step; the first time counts. */
MUST_CHECK enum status deletion_mark(struct db *db, struct arena *arena, int64_t request_id,
				     const char *step, const char *detail);

/* The last statement: the user goes, and the request is done. Audited. */
MUST_CHECK enum status deletion_finish(struct db *db, struct arena *arena,
				       const struct deletion_work *work);
