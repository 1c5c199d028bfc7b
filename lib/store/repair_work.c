/* The worker's half of video_repair. */
#include "store/repair_work.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

enum status repair_claim(struct db *db, struct arena *arena, int lease_seconds, const char *output,
			 struct repair_claim *ret_claim)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, repair_claim_sql,
				  PARAMS(param_int(arena, lease_seconds), output), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_claim = (struct repair_claim){
		.id = row_int(rows, 0, "id"),
		.video_id = row_int(rows, 0, "video_id"),
		.file = row_text(arena, rows, 0, "file"),
		.size = row_int(rows, 0, "size"),
		.output = row_text(arena, rows, 0, "output"),
		.attempt = (int)row_int(rows, 0, "attempts"),
	};
	return STATUS_OK;
}

enum status repair_progress(struct db *db, struct arena *arena, const struct repair_claim *claim,
			    int percent, int lease_seconds)
{
	return db_run(db, repair_progress_sql,
		      PARAMS(param_int(arena, claim->id), param_int(arena, claim->attempt),
			     param_int(arena, percent), param_int(arena, lease_seconds)));
}

enum status repair_done(struct db *db, struct arena *arena, const struct repair_claim *claim,
			int64_t size, int64_t *ret_video_id)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, repair_done_sql,
				  PARAMS(param_int(arena, claim->id),
					 param_int(arena, claim->attempt), param_int(arena, size)),
				  &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_video_id = row_int(rows, 0, "video_id");
	return STATUS_OK;
}

enum status repair_failed(struct db *db, struct arena *arena, const struct repair_claim *claim,
			  const char *code, const char *message)
{
	return db_run(db, repair_failed_sql,
		      PARAMS(param_int(arena, claim->id), param_int(arena, claim->attempt), code,
			     message));
}

enum status repair_release(struct db *db, struct arena *arena, const struct repair_claim *claim,
			   int seconds)
{
	return db_run(db, repair_release_sql,
		      PARAMS(param_int(arena, claim->id), param_int(arena, claim->attempt),
			     param_int(arena, seconds)));
}
