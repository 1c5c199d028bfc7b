/* The ledger. */
#include "store/quota.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

enum status quota_take(struct db *db, struct arena *arena, int64_t account_id, const char *kind,
		       int64_t limit, int64_t *ret_wait_seconds)
{
	struct params params = PARAMS(param_int(arena, account_id), kind, param_int(arena, limit));
	/* One statement: a row that another one is writing is waited for and looked at anew. */
	enum status st = db_run(db, quota_take_sql, params);
	if (st != STATUS_NOT_FOUND)
		return st;
	CLEANUP(PQclear) PGresult *rows = NULL;
	st = db_query(db, quota_wait_sql, params, &rows);
	if (st != STATUS_OK)
		return st;
	*ret_wait_seconds = PQntuples(rows) > 0 ? row_int(rows, 0, "seconds") : 1;
	return STATUS_CONFLICT;
}

enum status quota_learn(struct db *db, struct arena *arena, int64_t account_id, const char *kind,
			const char *code, int64_t seconds)
{
	return db_run(db, quota_learn_sql,
		      PARAMS(param_id(arena, account_id), kind, code, param_int(arena, seconds)));
}
