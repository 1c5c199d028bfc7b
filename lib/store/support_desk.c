/* The operator's side of support. */
#include "store/support_desk.h"

#include "queries.h"
#include "store/db.h"

enum status support_desk_answer(struct db *db, struct arena *arena, int64_t thread_id,
				const char *body)
{
	const char *id = param_int(arena, thread_id);
	/* First, so that the thread is there, and stays. */
	enum status st = db_run(db, support_state_sql, PARAMS(id, "answered"));
	if (st == STATUS_OK)
		st = db_run(db, support_message_new_sql, PARAMS(id, "operator", body, NULL));
	return st;
}

enum status support_desk_close(struct db *db, struct arena *arena, int64_t thread_id)
{
	return db_run(db, support_state_sql, PARAMS(param_int(arena, thread_id), "closed"));
}
