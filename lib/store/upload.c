/* The upload table. */
#include "store/upload.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

enum status upload_insert(struct db *db, struct arena *arena, const struct upload_new *upload)
{
	const char *user = param_int(arena, upload->user_id);
	enum status st = db_run(db, upload_lock_user_sql, PARAMS(user));
	if (st != STATUS_OK)
		return st;
	st = db_run(db, upload_insert_sql,
		    PARAMS(upload->id, user, param_int(arena, upload->length), upload->name,
			   param_int(arena, upload->keep_seconds),
			   param_int(arena, upload->unfinished_max), upload->source));
	return st == STATUS_NOT_FOUND ? STATUS_REFUSED : st;
}

enum status upload_set_length(struct db *db, struct arena *arena, const char *id, int64_t length)
{
	return db_run(db, upload_set_length_sql, PARAMS(id, param_int(arena, length)));
}

enum status upload_is_known(struct db *db, const char *id)
{
	return db_run(db, upload_is_known_sql, PARAMS(id));
}

enum status upload_extend(struct db *db, struct arena *arena, const char *id, int64_t keep_seconds)
{
	return db_run(db, upload_extend_sql, PARAMS(id, param_int(arena, keep_seconds)));
}

enum status upload_finish(struct db *db, struct arena *arena, const char *id, int64_t keep_seconds,
			  int64_t *ret_video_id)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, upload_finish_sql, PARAMS(id, param_int(arena, keep_seconds)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_video_id = row_int(rows, 0, "video_id");
	return STATUS_OK;
}

enum status upload_delete(struct db *db, const char *id)
{
	return db_run(db, upload_delete_sql, PARAMS(id));
}
