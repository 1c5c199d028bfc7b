/* Imports of a user. */
#include "store/import_list.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

static struct import_item import_from_row(struct arena *arena, const PGresult *rows, int row)
{
	return (struct import_item){
		.id = row_int(rows, row, "id"),
		.source = row_text(arena, rows, row, "source"),
		.address = row_text(arena, rows, row, "address"),
		.name = row_text(arena, rows, row, "name"),
		.state = row_text(arena, rows, row, "state"),
		.received = row_int(rows, row, "received"),
		.total = row_int(rows, row, "total"),
		.reason_code = row_text(arena, rows, row, "reason_code"),
		.reason_message = row_text(arena, rows, row, "reason_message"),
		.video_id = row_int(rows, row, "video_id"),
		.video_state = row_text(arena, rows, row, "video_state"),
		.asked_at = row_moment(arena, rows, row, "asked_at"),
		.ended_at = row_moment(arena, rows, row, "ended_at"),
	};
}

static enum status import_read(struct db *db, struct arena *arena, struct params params,
			       struct import_item **ret_imports, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, import_read_sql, params, &rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	struct import_item *imports = arena_alloc(arena, (count + 1) * sizeof(*imports));
	for (size_t i = 0; i < count; i++)
		imports[i] = import_from_row(arena, rows, (int)i);
	*ret_imports = imports;
	*ret_count = count;
	return STATUS_OK;
}

enum status import_list(struct db *db, struct arena *arena, int64_t user_id, int64_t before,
			int64_t limit, struct import_item **ret_imports, size_t *ret_count)
{
	return import_read(db, arena,
			   PARAMS(param_int(arena, user_id), NULL, param_id(arena, before),
				  param_int(arena, limit)),
			   ret_imports, ret_count);
}

enum status import_get(struct db *db, struct arena *arena, int64_t user_id, int64_t import_id,
		       struct import_item *ret_import)
{
	struct import_item *imports;
	size_t count;
	enum status st = import_read(
		db, arena,
		PARAMS(param_int(arena, user_id), param_int(arena, import_id), NULL, "1"), &imports,
		&count);
	if (st != STATUS_OK)
		return st;
	if (count == 0)
		return STATUS_NOT_FOUND;
	*ret_import = imports[0];
	return STATUS_OK;
}

enum status import_ask(struct db *db, struct arena *arena, int64_t user_id, const char *address,
		       int64_t *ret_import_id)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	const char *user = param_int(arena, user_id);
	/* One at a time, so that they can be counted. */
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = db_run(db, upload_lock_user_sql, PARAMS(user));
	if (st == STATUS_OK)
		st = db_query(db, import_ask_sql,
			      PARAMS(user, address, param_int(arena, IMPORT_OPEN_MAX)), &rows);
	if (st == STATUS_OK && PQntuples(rows) == 0)
		st = STATUS_CONFLICT;
	if (st == STATUS_OK)
		st = db_commit(db);
	if (st == STATUS_OK)
		*ret_import_id = row_int(rows, 0, "id");
	else
		db_rollback(db);
	return st;
}

enum status import_forget(struct db *db, struct arena *arena, int64_t user_id, int64_t import_id)
{
	struct import_item import;
	enum status st = db_run(db, import_forget_sql,
				PARAMS(param_int(arena, user_id), param_int(arena, import_id)));
	if (st != STATUS_NOT_FOUND)
		return st;
	st = import_get(db, arena, user_id, import_id, &import);
	return st == STATUS_OK ? STATUS_CONFLICT : st;
}
