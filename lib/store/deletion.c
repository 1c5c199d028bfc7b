/* Asking for erasure, and the receipt. */
#include "store/deletion.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/token.h"
#include "base/words.h"
#include "queries.h"
#include "store/audit.h"
#include "store/db.h"

enum { POSTS_AT_ONCE = 500 };

static const char purpose[] = "deletion receipt";

enum status deletion_preview(struct db *db, struct arena *arena, int64_t user_id,
			     struct deletion_preview *ret_preview)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, deletion_preview_sql, PARAMS(param_int(arena, user_id)), &rows);
	if (st != STATUS_OK)
		return st;
	*ret_preview = (struct deletion_preview){
		.accounts = row_int(rows, 0, "accounts"),
		.posts_waiting = row_int(rows, 0, "posts_waiting"),
		.posts_under_way = row_int(rows, 0, "posts_under_way"),
		.posts_past = row_int(rows, 0, "posts_past"),
		.videos = row_int(rows, 0, "videos"),
		.waiting = row_bool(rows, 0, "waiting"),
		.grace_until_text = row_text(arena, rows, 0, "grace_until_text"),
	};
	return STATUS_OK;
}

enum status deletion_grace(struct db *db, struct arena *arena, int64_t user_id,
			   const char **ret_until_text)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, deletion_grace_sql, PARAMS(param_int(arena, user_id)), &rows);
	if (st != STATUS_OK)
		return st;
	*ret_until_text = PQntuples(rows) > 0 ? row_text(arena, rows, 0, "grace_until_text") : NULL;
	return STATUS_OK;
}

enum status deletion_open(struct db *db, struct arena *arena, const struct deletion_ask *ask,
			  struct deletion_opened *ret_opened)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	const char *receipt = token_new(arena);
	enum status st =
		db_query(db, deletion_open_sql,
			 PARAMS(token_hash(arena, purpose, receipt), param_int(arena, ask->user_id),
				ask->origin, param_int(arena, ask->grace_days), ask->reason),
			 &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_opened = (struct deletion_opened){ row_int(rows, 0, "id"), receipt };
	log_info("deletion_requested user=%" PRId64 " origin=%s", ask->user_id, ask->origin);
	return STATUS_OK;
}

static enum status request_in_transaction(struct db *db, struct arena *arena,
					  const struct deletion_ask *ask,
					  struct deletion_opened *ret_opened)
{
	const char *user = param_int(arena, ask->user_id);
	enum status st = deletion_open(db, arena, ask, ret_opened);
	if (st == STATUS_OK && ask->grace_days == 0)
		st = db_run_any(db, deletion_end_accounts_sql, PARAMS(user));
	if (st == STATUS_OK)
		st = db_run_any(db, deletion_end_sessions_sql, PARAMS(user));
	if (st == STATUS_OK)
		st = deletion_mark(db, arena, ret_opened->id, "sessions_closed", NULL);
	if (st == STATUS_OK)
		st = audit_write(db, arena,
				 &(struct audit_event){ .event = "deletion_requested",
							.user_id = ask->user_id,
							.code = ask->origin,
							.subject_id = ret_opened->id,
							.address = ask->address });
	return st;
}

enum status deletion_request(struct db *db, struct arena *arena, const struct deletion_ask *ask,
			     const char **ret_receipt)
{
	struct deletion_opened opened;
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = request_in_transaction(db, arena, ask, &opened);
	st = db_end(db, st);
	if (st != STATUS_OK)
		return st;
	*ret_receipt = opened.receipt;
	/* From here on the publisher begins nothing of this user, and the janitor goes on where this stops. */
	st = ask->grace_days > 0 ? deletion_hold_posts(db, arena, ask->user_id)
				 : deletion_cancel_posts(db, arena, opened.id, ask->user_id);
	if (st != STATUS_OK)
		log_warn("deletion_posts_left user=%" PRId64 " status=%s", ask->user_id,
			 status_name(st));
	return STATUS_OK;
}

/* Run a statement over at most POSTS_AT_ONCE posts until it finds fewer. */
static enum status in_batches(struct db *db, const char *sql, struct params params)
{
	int64_t count = POSTS_AT_ONCE;
	enum status st = STATUS_OK;
	while (st == STATUS_OK && count == POSTS_AT_ONCE)
		st = db_run_count(db, sql, params, &count);
	return st;
}

enum status deletion_cancel_posts(struct db *db, struct arena *arena, int64_t request_id,
				  int64_t user_id)
{
	enum status st =
		in_batches(db, deletion_cancel_posts_sql,
			   PARAMS(param_int(arena, user_id), param_int(arena, POSTS_AT_ONCE)));
	return st == STATUS_OK ? deletion_mark(db, arena, request_id, "posts_cancelled", NULL) : st;
}

enum status deletion_hold_posts(struct db *db, struct arena *arena, int64_t user_id)
{
	const struct words *words = words_find("erasure_waiting");
	return in_batches(db, deletion_hold_posts_sql,
			  PARAMS(param_int(arena, user_id), param_int(arena, POSTS_AT_ONCE),
				 words->cause.en, words->next.en));
}

static enum status undo_in_transaction(struct db *db, struct arena *arena, const char *receipt,
				       int64_t user_id, const char *address, int64_t *ret_user_id)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	const struct words *missed = words_find("missed");
	enum status st = db_query(db, deletion_undo_sql,
				  PARAMS(receipt ? token_hash(arena, purpose, receipt) : NULL,
					 param_id(arena, user_id)),
				  &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_user_id = row_int(rows, 0, "user_id");
	st = db_run_any(db, deletion_resume_posts_sql,
			PARAMS(param_int(arena, *ret_user_id), missed->code, missed->cause.en,
			       missed->remedy_code, missed->next.en));
	if (st == STATUS_OK)
		st = audit_write(db, arena,
				 &(struct audit_event){ .event = "deletion_undone",
							.user_id = *ret_user_id,
							.subject_id = row_int(rows, 0, "id"),
							.address = address });
	return st;
}

enum status deletion_undo(struct db *db, struct arena *arena, const char *receipt, int64_t user_id,
			  const char *address)
{
	int64_t whose = 0;
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = undo_in_transaction(db, arena, receipt, user_id, address, &whose);
	st = db_end(db, st);
	if (st == STATUS_OK)
		log_info("deletion_undone user=%" PRId64, whose);
	return st;
}

static enum status add_counts(struct db *db, struct arena *arena, struct deletion *deletion)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, deletion_counts_sql, PARAMS(param_int(arena, deletion->id)), &rows);
	if (st != STATUS_OK)
		return st;
	deletion->count_count = (size_t)PQntuples(rows);
	deletion->counts =
		arena_alloc(arena, (deletion->count_count + 1) * sizeof(*deletion->counts));
	for (size_t i = 0; i < deletion->count_count; i++)
		deletion->counts[i] =
			(struct deletion_count){ row_text(arena, rows, (int)i, "kind"),
						 row_int(rows, (int)i, "removed"),
						 row_int(rows, (int)i, "bytes") };
	return STATUS_OK;
}

enum status deletion_get(struct db *db, struct arena *arena, const char *receipt,
			 struct deletion *ret_deletion)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, deletion_get_sql, PARAMS(token_hash(arena, purpose, receipt)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) != DELETION_STEPS)
		return STATUS_NOT_FOUND;
	*ret_deletion = (struct deletion){
		.id = row_int(rows, 0, "id"),
		.user_id = row_int(rows, 0, "user_id"),
		.state = row_text(arena, rows, 0, "state"),
		.origin = row_text(arena, rows, 0, "origin"),
		.requested_at_text = row_text(arena, rows, 0, "requested_at_text"),
		.grace_until_text = row_text(arena, rows, 0, "grace_until_text"),
		.finished_at_text = row_text(arena, rows, 0, "finished_at_text"),
	};
	for (int i = 0; i < DELETION_STEPS; i++)
		ret_deletion->steps[i] = (struct deletion_step){
			.name = row_text(arena, rows, i, "step"),
			.done_at_text = row_text(arena, rows, i, "done_at_text"),
			.detail = row_text(arena, rows, i, "detail"),
		};
	return add_counts(db, arena, ret_deletion);
}

enum status deletion_tokens_revoked(struct db *db, struct arena *arena, int64_t user_id)
{
	return db_run_any(db, deletion_tokens_revoked_sql, PARAMS(param_int(arena, user_id)));
}

enum status deletion_mark(struct db *db, struct arena *arena, int64_t request_id, const char *step,
			  const char *detail)
{
	return db_run_any(db, deletion_mark_sql,
			  PARAMS(param_int(arena, request_id), step, detail));
}
