/* Downloads as rows. */
#include "store/import.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

enum status import_claim(struct db *db, struct arena *arena, int64_t lease_seconds, int at_once,
			 int of_user, struct import_claim *ret_claim)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, import_claim_sql,
				  PARAMS(param_int(arena, lease_seconds), param_int(arena, at_once),
					 param_int(arena, of_user)),
				  &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_claim = (struct import_claim){
		.id = row_int(rows, 0, "id"),
		.user_id = row_int(rows, 0, "user_id"),
		.attempt = (int)row_int(rows, 0, "attempts"),
		.address = row_text(arena, rows, 0, "address"),
		.upload_id = row_text(arena, rows, 0, "upload_id"),
		.validator = row_text(arena, rows, 0, "validator"),
		.received = row_int(rows, 0, "received"),
		.total = row_is_null(rows, 0, "total") ? -1 : row_int(rows, 0, "total"),
		.video_id = row_int(rows, 0, "video_id"),
	};
	return STATUS_OK;
}

static const char *known(struct arena *arena, int64_t count)
{
	return count < 0 ? NULL : param_int(arena, count);
}

enum status import_attach(struct db *db, struct arena *arena, const struct import_claim *claim,
			  const char *upload_id, const char *name, int64_t total)
{
	return db_run(db, import_attach_sql,
		      PARAMS(param_int(arena, claim->id), param_int(arena, claim->attempt),
			     upload_id, name, known(arena, total)));
}

enum status import_progress(struct db *db, struct arena *arena, const struct import_claim *claim,
			    int64_t received, int64_t total, const char *validator,
			    int64_t lease_seconds)
{
	return db_run(db, import_progress_sql,
		      PARAMS(param_int(arena, claim->id), param_int(arena, claim->attempt),
			     param_int(arena, received), known(arena, total), validator,
			     param_int(arena, lease_seconds)));
}

enum status import_done(struct db *db, struct arena *arena, const struct import_claim *claim,
			int64_t bytes)
{
	return db_run(db, import_done_sql,
		      PARAMS(param_int(arena, claim->id), param_int(arena, claim->attempt),
			     known(arena, bytes)));
}

enum status import_fail(struct db *db, struct arena *arena, const struct import_claim *claim,
			const char *code, const char *message)
{
	return db_run(db, import_fail_sql,
		      PARAMS(param_int(arena, claim->id), param_int(arena, claim->attempt), code,
			     message));
}

enum status import_wait(struct db *db, struct arena *arena, const struct import_claim *claim,
			int64_t seconds, bool uncount, const char *code, const char *message)
{
	return db_run(db, import_wait_sql,
		      PARAMS(param_int(arena, claim->id), param_int(arena, claim->attempt),
			     param_int(arena, seconds), param_int(arena, uncount), code, message));
}

static enum status ids(struct db *db, struct arena *arena, const char *sql, int64_t max,
		       const char ***ret_ids, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, sql, PARAMS(param_int(arena, max)), &rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	const char **list = arena_alloc(arena, (count + 1) * sizeof(*list));
	for (size_t i = 0; i < count; i++)
		list[i] = row_text(arena, rows, (int)i, "id");
	*ret_ids = list;
	*ret_count = count;
	return STATUS_OK;
}

enum status import_strays(struct db *db, struct arena *arena, int64_t max, const char ***ret_ids,
			  size_t *ret_count)
{
	return ids(db, arena, import_strays_sql, max, ret_ids, ret_count);
}

enum status import_complete(struct db *db, struct arena *arena, int64_t max, const char ***ret_ids,
			    size_t *ret_count)
{
	return ids(db, arena, import_complete_sql, max, ret_ids, ret_count);
}
