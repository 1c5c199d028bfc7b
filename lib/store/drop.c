/* Dropped files. */
#include "store/drop.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

static struct drop_row row_read(struct arena *arena, const PGresult *rows, int row)
{
	return (struct drop_row){
		.id = row_int(rows, row, "id"),
		.name = row_text(arena, rows, row, "address"),
		.state = row_text(arena, rows, row, "state"),
		.size = row_int(rows, row, "file_size"),
		.changed_us = row_int(rows, row, "changed_us"),
		.upload_id = row_text(arena, rows, row, "upload_id"),
		.video_id = row_int(rows, row, "video_id"),
		.is_due = row_bool(rows, row, "is_due"),
		.is_lost = row_bool(rows, row, "is_lost"),
	};
}

enum status drop_find(struct db *db, struct arena *arena, int64_t user_id, const char *name,
		      struct drop_row *ret_row)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, drop_find_sql, PARAMS(param_int(arena, user_id), name), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_row = row_read(arena, rows, 0);
	return STATUS_OK;
}

enum status drop_open_rows(struct db *db, struct arena *arena, int64_t user_id, int64_t after,
			   int64_t max, struct drop_row **ret_rows, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(
		db, drop_open_sql,
		PARAMS(param_int(arena, user_id), param_int(arena, after), param_int(arena, max)),
		&rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	struct drop_row *list = arena_alloc(arena, (count + 1) * sizeof(*list));
	for (size_t i = 0; i < count; i++)
		list[i] = row_read(arena, rows, (int)i);
	*ret_rows = list;
	*ret_count = count;
	return STATUS_OK;
}

enum status drop_attach(struct db *db, struct arena *arena, const struct drop_file *file,
			const char *title, const char *upload_id, int64_t *ret_id)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, drop_attach_sql,
				  PARAMS(param_int(arena, file->user_id), file->name, title,
					 param_int(arena, file->size),
					 param_int(arena, file->changed_us), upload_id),
				  &rows);
	if (st == STATUS_OK)
		*ret_id = row_int(rows, 0, "id");
	return st;
}

enum status drop_done(struct db *db, struct arena *arena, int64_t id)
{
	return db_run(db, drop_done_sql, PARAMS(param_int(arena, id)));
}

enum status drop_fail(struct db *db, struct arena *arena, const struct drop_file *file,
		      const char *title, const char *code, const char *message,
		      int64_t retry_seconds)
{
	return db_run(db, drop_fail_sql,
		      PARAMS(param_int(arena, file->user_id), file->name, title,
			     param_int(arena, file->size), param_int(arena, file->changed_us), code,
			     message, param_id(arena, retry_seconds)));
}

enum status drop_forget(struct db *db, struct arena *arena, int64_t id)
{
	return db_run_any(db, drop_forget_sql, PARAMS(param_int(arena, id)));
}

enum status drop_forget_user(struct db *db, struct arena *arena, int64_t user_id)
{
	return db_run_any(db, drop_forget_user_sql, PARAMS(param_int(arena, user_id)));
}
