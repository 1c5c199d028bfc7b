/* The quota ledger. */
#include "store/quota.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

static enum status take(struct db *db, struct params params, int64_t *ret_wait_seconds)
{
	/* The lock comes in a statement of its own, so that the count sees what the last holder wrote. */
	enum status st = db_run(db, account_lock_sql, (struct params){ params.values, 1 });
	if (st != STATUS_OK)
		return st;
	st = db_run(db, quota_take_sql, params);
	if (st != STATUS_NOT_FOUND)
		return st;
	CLEANUP(PQclear) PGresult *rows = NULL;
	st = db_query(db, quota_wait_sql, params, &rows);
	if (st != STATUS_OK)
		return st;
	*ret_wait_seconds = PQntuples(rows) > 0 ? row_int(rows, 0, "seconds") : 1;
	return STATUS_CONFLICT;
}

enum status quota_take(struct db *db, struct arena *arena, int64_t account_id, const char *kind,
		       int64_t limit, int64_t *ret_wait_seconds)
{
	enum status st = db_begin(db);
	if (st != STATUS_OK)
		return st;
	st = take(db, PARAMS(param_int(arena, account_id), kind, param_int(arena, limit)),
		  ret_wait_seconds);
	if (st != STATUS_OK) {
		db_rollback(db);
		return st;
	}
	return db_commit(db);
}
