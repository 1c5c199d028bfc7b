/* Users' settings. */
#include "store/user.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

enum status user_get(struct db *db, struct arena *arena, int64_t user_id, struct user *ret_user)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, user_get_sql, PARAMS(param_int(arena, user_id)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_user = (struct user){
		.id = user_id,
		.time_zone = row_text(arena, rows, 0, "time_zone"),
		.language = row_text(arena, rows, 0, "language"),
		.keep_posted_days = row_int(rows, 0, "keep_posted_days"),
		.created_at = row_moment(arena, rows, 0, "created_at"),
	};
	return STATUS_OK;
}

enum status user_update(struct db *db, struct arena *arena, int64_t user_id, const char *time_zone,
			const char *language)
{
	return db_run(db, user_update_sql, PARAMS(param_int(arena, user_id), time_zone, language));
}

enum status user_keep_posted(struct db *db, struct arena *arena, int64_t user_id, int64_t days)
{
	return db_run(db, user_keep_posted_sql,
		      PARAMS(param_int(arena, user_id), param_id(arena, days)));
}
