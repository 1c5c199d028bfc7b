/* Erasing what a user has, as the inventory says. */
#include "store/erase.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/token.h"
#include "queries.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/deletion.h"
#include "store/inventory.h"

enum { ROWS_AT_ONCE = 500 };

enum status erase_next(struct db *db, struct arena *arena, int64_t after_id,
		       struct erase_work *ret_work)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, deletion_next_sql, PARAMS(param_int(arena, after_id)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_work = (struct erase_work){
		.id = row_int(rows, 0, "id"),
		.user_id = row_int(rows, 0, "user_id"),
		.in_grace = row_bool(rows, 0, "in_grace"),
		.grace_over = row_bool(rows, 0, "grace_over"),
		.tokens_revoked = row_bool(rows, 0, "tokens_revoked"),
		.age_hours = row_int(rows, 0, "age_hours"),
		.posts_under_way = row_int(rows, 0, "posts_under_way"),
	};
	return STATUS_OK;
}

static enum status audit(struct db *db, struct arena *arena, const char *event,
			 const struct erase_work *work)
{
	return audit_write(db, arena,
			   &(struct audit_event){ .event = event,
						  .user_id = work->user_id,
						  .subject_id = work->id });
}

enum status erase_begin(struct db *db, struct arena *arena, const struct erase_work *work)
{
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = db_run(db, deletion_begin_sql, PARAMS(param_int(arena, work->id)));
	if (st == STATUS_OK)
		st = audit(db, arena, "deletion_begun", work);
	return db_end(db, st);
}

enum status erase_calm(struct db *db, struct arena *arena, const struct erase_work *work)
{
	if (work->in_grace)
		return deletion_hold_posts(db, arena, work->user_id);
	const char *user = param_int(arena, work->user_id);
	enum status st = db_run_any(db, deletion_end_accounts_sql, PARAMS(user));
	if (st == STATUS_OK)
		st = db_run_any(db, deletion_end_sessions_sql, PARAMS(user));
	if (st == STATUS_OK)
		st = deletion_mark(db, arena, work->id, "sessions_closed", NULL);
	if (st == STATUS_OK)
		st = deletion_cancel_posts(db, arena, work->id, work->user_id);
	return st;
}

enum status erase_wipe_tokens(struct db *db, struct arena *arena, const struct erase_work *work)
{
	const char *user = param_int(arena, work->user_id);
	/* First what the receipt says: a death after it must not leave a better one. */
	enum status st = deletion_mark(db, arena, work->id, "tokens_revoked", "not_confirmed");
	if (st == STATUS_OK)
		st = db_run_any(db, deletion_wipe_tokens_sql, PARAMS(user));
	if (st == STATUS_OK)
		st = db_run_any(db, deletion_wipe_accounts_sql, PARAMS(user));
	return st;
}

enum status erase_stop_videos(struct db *db, struct arena *arena, int64_t user_id)
{
	return db_run_any(db, erase_stop_videos_sql, PARAMS(param_int(arena, user_id)));
}

/* The column of all rows that is no NULL. */
static struct erase_names names_of(struct arena *arena, const PGresult *rows, const char *column)
{
	size_t count = (size_t)PQntuples(rows);
	struct erase_names found = { arena_alloc(arena, (count + 1) * sizeof(*found.names)), 0 };
	for (size_t i = 0; i < count; i++) {
		const char *name = row_text(arena, rows, (int)i, column);
		if (name)
			found.names[found.count++] = name;
	}
	return found;
}

enum status erase_files(struct db *db, struct arena *arena, int64_t user_id, const char *after,
			size_t max, struct erase_names *ret_names)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(
		db, erase_files_sql,
		PARAMS(param_int(arena, user_id), after, param_int(arena, (int64_t)max)), &rows);
	if (st == STATUS_OK)
		*ret_names = names_of(arena, rows, "name");
	return st;
}

const char *erase_subject_hash(struct arena *arena, struct secret key, const char *open_id)
{
	return arena_printf(arena, "\\x%s",
			    token_hmac_sha256(arena, key, "", open_id, strlen(open_id)));
}

enum status erase_subjects(struct db *db, struct arena *arena, const struct erase_work *work,
			   struct secret key)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, erase_subjects_sql, PARAMS(param_int(arena, work->user_id)), &rows);
	for (int i = 0; st == STATUS_OK && i < PQntuples(rows); i++)
		st = db_run_any(db, erase_subject_note_sql,
				PARAMS(param_int(arena, work->id),
				       erase_subject_hash(arena, key,
							  row_text(arena, rows, i, "open_id"))));
	return st;
}

enum status erase_created(struct db *db, struct arena *arena, int64_t user_id,
			  int64_t *ret_microseconds)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, erase_created_sql, PARAMS(param_int(arena, user_id)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_microseconds = row_int(rows, 0, "created_us");
	return STATUS_OK;
}

bool erase_is_last(const struct inventory_kind *kind)
{
	return strcmp(kind->name, "accounts") == 0 || strcmp(kind->name, "settings") == 0;
}

/* Within a transaction: one batch and its count. */
static enum status erase_some(struct db *db, struct arena *arena, const struct erase_work *work,
			      const struct inventory_kind *kind, struct erase_names *ret_names,
			      int64_t *ret_rows)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(
		db, kind->erase_sql,
		PARAMS(param_int(arena, work->user_id), param_int(arena, ROWS_AT_ONCE)), &rows);
	*ret_names = (struct erase_names){ 0 };
	if (st != STATUS_OK)
		return st;
	*ret_rows = row_count(rows);
	int64_t bytes = 0;
	if (PQnfields(rows) > 0) {
		*ret_names = names_of(arena, rows, "file");
		for (int i = 0; i < PQntuples(rows); i++)
			bytes += row_int(rows, i, "bytes");
	}
	if (*ret_rows == 0)
		return STATUS_OK;
	return db_run_any(db, erase_count_sql,
			  PARAMS(param_int(arena, work->id), kind->name,
				 param_int(arena, *ret_rows), param_int(arena, bytes)));
}

enum status erase_batch(struct db *db, struct arena *arena, const struct erase_work *work,
			const struct inventory_kind *kind, struct erase_names *ret_names,
			bool *ret_left)
{
	int64_t count = 0;
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = erase_some(db, arena, work, kind, ret_names, &count);
	*ret_left = count == ROWS_AT_ONCE;
	return db_end(db, st);
}

/* STATUS_CONFLICT when a table has rows of the user; with accounts_too, accounts and the user count. */
static enum status check(struct db *db, struct arena *arena, const struct erase_work *work,
			 bool accounts_too)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, erase_left_sql, PARAMS(param_int(arena, work->user_id)), &rows);
	if (st != STATUS_OK)
		return st;
	for (int i = 0; i < PQntuples(rows); i++) {
		const char *name = row_text(arena, rows, i, "name");
		int64_t left = row_int(rows, i, "rows");
		bool is_last = strcmp(name, "account") == 0 || strcmp(name, "app_user") == 0;
		if (left == 0 || (is_last && !accounts_too))
			continue;
		log_warn("erasure_left user=%" PRId64 " table=%s rows=%" PRId64, work->user_id,
			 name, left);
		st = STATUS_CONFLICT;
	}
	return st;
}

static enum status erase_last(struct db *db, struct arena *arena, const struct erase_work *work)
{
	enum status st = STATUS_OK;
	for (size_t i = 0; st == STATUS_OK && i < inventory_count; i++) {
		struct erase_names names;
		int64_t count = erase_is_last(&inventory[i]) ? ROWS_AT_ONCE : 0;
		while (st == STATUS_OK && count == ROWS_AT_ONCE)
			st = erase_some(db, arena, work, &inventory[i], &names, &count);
	}
	return st;
}

static enum status finish_in_transaction(struct db *db, struct arena *arena,
					 const struct erase_work *work)
{
	/* First, so that of two janitors one waits here, and finds it done. */
	enum status st = db_run(db, deletion_done_sql, PARAMS(param_int(arena, work->id)));
	if (st == STATUS_OK)
		st = check(db, arena, work, false);
	if (st == STATUS_OK)
		st = erase_last(db, arena, work);
	if (st == STATUS_OK)
		st = check(db, arena, work, true);
	if (st == STATUS_OK)
		st = deletion_mark(db, arena, work->id, "data_erased", NULL);
	if (st == STATUS_OK)
		st = deletion_mark(db, arena, work->id, "checked", NULL);
	if (st == STATUS_OK)
		st = audit(db, arena, "deletion_done", work);
	return st;
}

enum status erase_finish(struct db *db, struct arena *arena, const struct erase_work *work)
{
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = finish_in_transaction(db, arena, work);
	st = db_end(db, st);
	/* Another janitor was faster. */
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

/* STATUS_CONFLICT: it was asked for in this moment. */
static enum status open_restored(struct db *db, struct arena *arena, int64_t user_id)
{
	const struct deletion_ask ask = { .user_id = user_id, .origin = "restored" };
	struct deletion_opened opened;
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = deletion_open(db, arena, &ask, &opened);
	if (st == STATUS_OK)
		st = audit(db, arena, "deletion_requested",
			   &(struct erase_work){ .id = opened.id, .user_id = user_id });
	return db_end(db, st);
}

enum status erase_restored(struct db *db, struct arena *arena, const int64_t *ids,
			   const int64_t *created_us, size_t count, int64_t *ret_found)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	struct params gone = PARAMS(param_int_array(arena, ids, count),
				    param_int_array(arena, created_us, count));
	*ret_found = 0;
	enum status st = db_run_any(db, erase_restored_grace_sql, gone);
	if (st == STATUS_OK)
		st = db_query(db, erase_restored_sql, gone, &rows);
	for (int i = 0; st == STATUS_OK && i < PQntuples(rows); i++, ++*ret_found) {
		st = open_restored(db, arena, row_int(rows, i, "id"));
		if (st == STATUS_CONFLICT || st == STATUS_NOT_FOUND)
			st = STATUS_OK;
	}
	return st;
}
