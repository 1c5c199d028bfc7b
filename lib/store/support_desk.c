/* The operator's side of support. */
#include "store/support_desk.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

enum status support_desk_list(struct db *db, struct arena *arena, const char *state, int64_t after,
			      int64_t limit, struct support_thread **ret_threads, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, support_desk_list_sql,
			 PARAMS(state, param_int(arena, after), param_int(arena, limit)), &rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	struct support_thread *threads = arena_alloc(arena, (count + 1) * sizeof(*threads));
	for (size_t i = 0; i < count; i++)
		threads[i] = support_thread_row(arena, rows, (int)i);
	*ret_threads = threads;
	*ret_count = count;
	return STATUS_OK;
}

enum status support_desk_find(struct db *db, struct arena *arena, int64_t thread_id,
			      struct support_thread *ret_thread)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, support_desk_find_sql, PARAMS(param_int(arena, thread_id)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_thread = support_thread_row(arena, rows, 0);
	return STATUS_OK;
}

enum status support_desk_answer(struct db *db, struct arena *arena, int64_t thread_id,
				const char *body)
{
	const char *id = param_int(arena, thread_id);
	/* First, so that the row is locked and there. */
	enum status st = db_run(db, support_state_sql, PARAMS(id, "answered"));
	if (st == STATUS_OK)
		st = db_run(db, support_message_new_sql, PARAMS(id, "operator", body, NULL));
	return st;
}

enum status support_desk_close(struct db *db, struct arena *arena, int64_t thread_id)
{
	return db_run(db, support_state_sql, PARAMS(param_int(arena, thread_id), "closed"));
}
