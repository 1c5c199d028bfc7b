/* Sealed tokens in the database. */
#include "store/account_token.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

enum status account_token_load(struct db *db, struct arena *arena, int64_t account_id,
			       struct account_token *ret_token)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, account_token_load_sql, PARAMS(param_int(arena, account_id)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_token = (struct account_token){
		.version = row_int(rows, 0, "version"),
		.access_sealed = row_text(arena, rows, 0, "access_sealed"),
		.refresh_sealed = row_text(arena, rows, 0, "refresh_sealed"),
		.open_id = row_text(arena, rows, 0, "open_id"),
		.account_state = row_text(arena, rows, 0, "account_state"),
		.stale = row_bool(rows, 0, "stale"),
		.expired = row_bool(rows, 0, "expired"),
		.refresh_expired = row_bool(rows, 0, "refresh_expired"),
		.lost = row_int(rows, 0, "refresh_lost"),
	};
	return STATUS_OK;
}

enum status account_token_lease(struct db *db, struct arena *arena, int64_t account_id,
				int64_t version, int64_t *ret_fence)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, account_token_lease_sql,
			 PARAMS(param_int(arena, account_id), param_int(arena, version)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_fence = row_int(rows, 0, "refresh_fence");
	return STATUS_OK;
}

enum status account_token_save(struct db *db, struct arena *arena, int64_t account_id,
			       int64_t fence, int64_t version, const char *access_sealed,
			       const char *refresh_sealed, int64_t expires_in,
			       int64_t refresh_expires_in, const char *scopes)
{
	return db_run(db, account_token_save_sql,
		      PARAMS(param_int(arena, account_id), param_int(arena, fence),
			     param_int(arena, version), access_sealed, refresh_sealed,
			     param_int(arena, expires_in), param_int(arena, refresh_expires_in),
			     scopes));
}

enum status account_token_failed(struct db *db, struct arena *arena, int64_t account_id,
				 int64_t fence, int64_t retry_seconds)
{
	return db_run(db, account_token_failed_sql,
		      PARAMS(param_int(arena, account_id), param_int(arena, fence),
			     param_int(arena, retry_seconds)));
}

enum status account_token_lost(struct db *db, struct arena *arena, int64_t account_id,
			       const char *code)
{
	return db_run_any(db, account_lost_sql, PARAMS(param_int(arena, account_id), code));
}
