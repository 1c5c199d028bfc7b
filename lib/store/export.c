/* Exports as rows. */
#include "store/export.h"

#include "base/arena.h"
#include "base/token.h"
#include "queries.h"
#include "store/audit.h"
#include "store/db.h"

static enum status claim_in_transaction(struct db *db, struct arena *arena, int64_t lease_seconds,
					int at_once, int attempts_max,
					struct export_claim *ret_claim)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	const char *file = token_name(arena);
	enum status st = db_run(db, export_lock_sql, NO_PARAMS);
	if (st == STATUS_OK)
		st = db_query(db, export_claim_sql,
			      PARAMS(param_int(arena, lease_seconds), file,
				     param_int(arena, at_once), param_int(arena, attempts_max)),
			      &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_claim = (struct export_claim){
		.id = row_int(rows, 0, "id"),
		.user_id = row_int(rows, 0, "user_id"),
		.with_videos = row_bool(rows, 0, "with_videos"),
		.attempt = (int)row_int(rows, 0, "attempts"),
		.began_at = row_text(arena, rows, 0, "began_at"),
		.file = file,
	};
	return STATUS_OK;
}

enum status export_claim(struct db *db, struct arena *arena, int64_t lease_seconds, int at_once,
			 int attempts_max, struct export_claim *ret_claim)
{
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = claim_in_transaction(db, arena, lease_seconds, at_once, attempts_max,
					  ret_claim);
	return db_end(db, st);
}

enum status export_give_up(struct db *db, struct arena *arena, int attempts_max, const char *code,
			   const char *message)
{
	return db_run_any(db, export_give_up_sql,
			  PARAMS(param_int(arena, attempts_max), code, message));
}

enum status export_progress(struct db *db, struct arena *arena, const struct export_claim *claim,
			    int percent, int64_t lease_seconds)
{
	return db_run(db, export_progress_sql,
		      PARAMS(param_int(arena, claim->id), claim->file, param_int(arena, percent),
			     param_int(arena, lease_seconds)));
}

enum status export_done(struct db *db, struct arena *arena, const struct export_claim *claim,
			int64_t size, int64_t hours)
{
	const struct audit_event event = { .event = "export_ready",
					   .user_id = claim->user_id,
					   .subject_id = claim->id };
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = db_run(db, export_done_sql,
			    PARAMS(param_int(arena, claim->id), claim->file, param_int(arena, size),
				   param_int(arena, hours)));
	if (st == STATUS_OK)
		st = audit_write(db, arena, &event);
	return db_end(db, st);
}

enum status export_fail(struct db *db, struct arena *arena, const struct export_claim *claim,
			const char *code, const char *message)
{
	return db_run(db, export_fail_sql,
		      PARAMS(param_int(arena, claim->id), claim->file, code, message));
}

enum status export_wait(struct db *db, struct arena *arena, const struct export_claim *claim,
			int64_t seconds, bool uncount)
{
	return db_run(db, export_wait_sql,
		      PARAMS(param_int(arena, claim->id), claim->file, param_int(arena, seconds),
			     param_int(arena, uncount)));
}

enum status export_expire(struct db *db, int64_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, export_expire_sql, NO_PARAMS, &rows);
	*ret_count = st == STATUS_OK ? PQntuples(rows) : 0;
	return st;
}

enum status export_orphans(struct db *db, struct arena *arena, const char *const *names,
			   size_t count, const char ***ret_orphans, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, export_orphans_sql,
				  PARAMS(param_text_array(arena, names, count)), &rows);
	if (st != STATUS_OK)
		return st;
	size_t found = (size_t)PQntuples(rows);
	const char **list = arena_alloc(arena, (found + 1) * sizeof(*list));
	for (size_t i = 0; i < found; i++)
		list[i] = row_text(arena, rows, (int)i, "name");
	*ret_orphans = list;
	*ret_count = found;
	return STATUS_OK;
}

enum status export_video_bytes(struct db *db, struct arena *arena, const struct export_claim *claim,
			       int64_t *ret_bytes)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, export_video_bytes_sql,
				  PARAMS(param_int(arena, claim->user_id), claim->began_at), &rows);
	if (st == STATUS_OK)
		*ret_bytes = row_int(rows, 0, "bytes");
	return st;
}

enum status export_videos(struct db *db, struct arena *arena, const struct export_claim *claim,
			  int64_t after, int max, struct export_video **ret_videos,
			  size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, export_video_files_sql,
				  PARAMS(param_int(arena, claim->user_id), claim->began_at,
					 param_int(arena, after), param_int(arena, max)),
				  &rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	struct export_video *videos = arena_alloc(arena, (count + 1) * sizeof(*videos));
	for (int i = 0; i < (int)count; i++)
		videos[i] = (struct export_video){
			.id = row_int(rows, i, "id"),
			.size = row_int(rows, i, "size"),
			.created = row_int(rows, i, "created"),
			.file = row_text(arena, rows, i, "file"),
			.name = row_text(arena, rows, i, "name"),
			.container = row_text(arena, rows, i, "container"),
			.sha256 = row_text(arena, rows, i, "sha256"),
		};
	*ret_videos = videos;
	*ret_count = count;
	return STATUS_OK;
}

enum status export_items(struct db *db, struct arena *arena, const char *sql, int64_t user_id,
			 int64_t after, int max, struct export_item **ret_items, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(
		db, sql,
		PARAMS(param_int(arena, user_id), param_int(arena, after), param_int(arena, max)),
		&rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	struct export_item *items = arena_alloc(arena, (count + 1) * sizeof(*items));
	for (int i = 0; i < (int)count; i++)
		items[i] = (struct export_item){ row_int(rows, i, "position"),
						 row_text(arena, rows, i, "item") };
	*ret_items = items;
	*ret_count = count;
	return STATUS_OK;
}
