/* Pre-flight in the database. */
#include "store/preflight.h"

#include <stddef.h>

#include "queries.h"
#include "store/db.h"

enum status preflight_done(struct db *db, struct arena *arena, struct queue_claim claim,
			   const struct words *words, const char *code, const char *old_code)
{
	return db_run(db, preflight_done_sql,
		      PARAMS(param_int(arena, claim.id), param_int(arena, claim.fence), code,
			     words ? words->cause.en : NULL, words ? words->remedy_code : NULL,
			     words ? words->next.en : NULL, old_code));
}

enum status preflight_day_count(struct db *db, struct arena *arena, int64_t post_id,
				int64_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, preflight_quota_sql, PARAMS(param_int(arena, post_id)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_count = row_int(rows, 0, "posts");
	return STATUS_OK;
}
