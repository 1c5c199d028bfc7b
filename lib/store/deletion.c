/* Erasing a user: the statements, and those of them that belong together. */
#include "store/deletion.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/token.h"
#include "queries.h"
#include "store/audit.h"
#include "store/db.h"

enum { ROWS_AT_ONCE = 100 };

static const char purpose[] = "deletion receipt";

/* A statement of which it does not matter how many rows it finds. */
static enum status run_any(struct db *db, const char *sql, struct params params)
{
	enum status st = db_run(db, sql, params);
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

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
	};
	return STATUS_OK;
}

enum status deletion_calm(struct db *db, struct arena *arena, int64_t user_id)
{
	const char *user = param_int(arena, user_id);
	enum status st = run_any(db, deletion_cancel_posts_sql, PARAMS(user));
	if (st == STATUS_OK)
		st = run_any(db, deletion_end_accounts_sql, PARAMS(user));
	if (st == STATUS_OK)
		st = run_any(db, deletion_end_sessions_sql, PARAMS(user));
	return st;
}

static enum status request_in_transaction(struct db *db, struct arena *arena, int64_t user_id,
					  const char *receipt)
{
	enum status st =
		db_run(db, deletion_open_sql,
		       PARAMS(token_hash(arena, purpose, receipt), param_int(arena, user_id)));
	if (st == STATUS_OK)
		st = deletion_calm(db, arena, user_id);
	if (st == STATUS_OK)
		st = audit_write(
			db, arena,
			&(struct audit_event){ .event = "deletion_requested", .user_id = user_id });
	return st;
}

enum status deletion_request(struct db *db, struct arena *arena, int64_t user_id,
			     const char **ret_receipt)
{
	const char *receipt = token_new(arena);
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = request_in_transaction(db, arena, user_id, receipt);
	if (st == STATUS_OK)
		st = db_commit(db);
	if (st != STATUS_OK) {
		db_rollback(db);
		return st;
	}
	log_info("deletion_requested user=%" PRId64, user_id);
	*ret_receipt = receipt;
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
	struct deletion deletion = {
		.id = row_int(rows, 0, "id"),
		.user_id = row_int(rows, 0, "user_id"),
		.done = row_bool(rows, 0, "done"),
		.requested_at_text = row_text(arena, rows, 0, "requested_at_text"),
		.finished_at_text = row_text(arena, rows, 0, "finished_at_text"),
	};
	for (int i = 0; i < DELETION_STEPS; i++)
		deletion.steps[i] = (struct deletion_step){
			.name = row_text(arena, rows, i, "step"),
			.done_at_text = row_text(arena, rows, i, "done_at_text"),
			.detail = row_text(arena, rows, i, "detail"),
		};
	*ret_deletion = deletion;
	return STATUS_OK;
}

enum status deletion_tokens_revoked(struct db *db, struct arena *arena, int64_t user_id)
{
	return run_any(db, deletion_tokens_revoked_sql, PARAMS(param_int(arena, user_id)));
}

enum status deletion_next(struct db *db, struct arena *arena, int64_t after_id,
			  struct deletion_work *ret_work)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, deletion_next_sql, PARAMS(param_int(arena, after_id)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_work = (struct deletion_work){
		.id = row_int(rows, 0, "id"),
		.user_id = row_int(rows, 0, "user_id"),
		.tokens_revoked = row_bool(rows, 0, "tokens_revoked"),
		.age_hours = row_int(rows, 0, "age_hours"),
		.posts_under_way = row_int(rows, 0, "posts_under_way"),
	};
	return STATUS_OK;
}

enum status deletion_wipe_tokens(struct db *db, struct arena *arena,
				 const struct deletion_work *work)
{
	const char *user = param_int(arena, work->user_id);
	enum status st = run_any(db, deletion_wipe_tokens_sql, PARAMS(user));
	if (st == STATUS_OK)
		st = run_any(db, deletion_wipe_accounts_sql, PARAMS(user));
	if (st == STATUS_OK)
		st = deletion_mark(db, arena, work->id, "tokens_revoked", "not_confirmed");
	return st;
}

enum status deletion_files(struct db *db, struct arena *arena, int64_t user_id, size_t max,
			   struct deletion_file **ret_files, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, deletion_files_sql,
			 PARAMS(param_int(arena, user_id), param_int(arena, (int64_t)max)), &rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	struct deletion_file *files = arena_alloc(arena, (count + 1) * sizeof(*files));
	for (size_t i = 0; i < count; i++)
		files[i] = (struct deletion_file){ row_text(arena, rows, (int)i, "name"),
						   row_bool(rows, (int)i, "is_upload") };
	*ret_files = files;
	*ret_count = count;
	return STATUS_OK;
}

enum status deletion_file_gone(struct db *db, struct arena *arena, int64_t user_id,
			       const struct deletion_file *file)
{
	const char *user = param_int(arena, user_id);
	return file->is_upload ? run_any(db, deletion_upload_gone_sql, PARAMS(user, file->name))
			       : run_any(db, deletion_video_gone_sql, PARAMS(user, file->name));
}

enum status deletion_rows(struct db *db, struct arena *arena, int64_t user_id, bool *ret_left)
{
	const char *user = param_int(arena, user_id), *count = param_int(arena, ROWS_AT_ONCE);
	/* Deliveries are found by what posts and accounts say, so they go first, accounts last. */
	enum status st = db_run(db, deletion_rows_webhooks_sql, PARAMS(user, count));
	if (st == STATUS_NOT_FOUND)
		st = db_run(db, deletion_rows_posts_sql, PARAMS(user, count));
	if (st == STATUS_NOT_FOUND)
		st = db_run(db, deletion_rows_accounts_sql, PARAMS(user, count));
	*ret_left = st == STATUS_OK;
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

enum status deletion_mark(struct db *db, struct arena *arena, int64_t request_id, const char *step,
			  const char *detail)
{
	return run_any(db, deletion_mark_sql, PARAMS(param_int(arena, request_id), step, detail));
}

static enum status finish_in_transaction(struct db *db, struct arena *arena,
					 const struct deletion_work *work)
{
	enum status st = db_run(db, deletion_done_sql, PARAMS(param_int(arena, work->id)));
	if (st == STATUS_OK)
		st = deletion_mark(db, arena, work->id, "data_erased", NULL);
	if (st == STATUS_OK)
		st = run_any(db, deletion_user_gone_sql, PARAMS(param_int(arena, work->user_id)));
	if (st == STATUS_OK)
		st = audit_write(db, arena,
				 &(struct audit_event){ .event = "deletion_done",
							.user_id = work->user_id });
	return st;
}

enum status deletion_finish(struct db *db, struct arena *arena, const struct deletion_work *work)
{
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = finish_in_transaction(db, arena, work);
	if (st == STATUS_OK)
		st = db_commit(db);
	if (st != STATUS_OK)
		db_rollback(db);
	/* Another janitor was faster. */
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}
