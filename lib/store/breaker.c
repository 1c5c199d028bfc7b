/* The breaker's row. */
#include "store/breaker.h"

#include "queries.h"
#include "store/db.h"

enum status breaker_read(struct db *db, const char *host, struct breaker_state *ret_state)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, breaker_read_sql, PARAMS(host), &rows);
	if (st != STATUS_OK)
		return st;
	*ret_state = (struct breaker_state){ .closed_s = -1 };
	if (PQntuples(rows) > 0)
		*ret_state = (struct breaker_state){
			.failures = row_int(rows, 0, "failures"),
			.is_open = row_bool(rows, 0, "is_open"),
			.may_probe = row_bool(rows, 0, "may_probe"),
			.closed_s = row_int(rows, 0, "closed_s"),
		};
	return STATUS_OK;
}

enum status breaker_fail(struct db *db, struct arena *arena, const char *host, int64_t count,
			 int64_t account_id, int64_t probe_seconds, bool *ret_open)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, breaker_fail_sql,
				  PARAMS(host, param_int(arena, count), param_id(arena, account_id),
					 param_int(arena, probe_seconds)),
				  &rows);
	if (st != STATUS_OK)
		return st;
	*ret_open = PQntuples(rows) > 0 && row_bool(rows, 0, "is_open");
	return STATUS_OK;
}

enum status breaker_answer(struct db *db, const char *host)
{
	return db_run(db, breaker_answer_sql, PARAMS(host));
}

enum status breaker_probe(struct db *db, struct arena *arena, const char *host,
			  int64_t next_seconds)
{
	return db_run(db, breaker_probe_sql, PARAMS(host, param_int(arena, next_seconds)));
}

enum status breaker_since(struct db *db, struct arena *arena, int64_t user_id,
			  struct moment *ret_since)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, breaker_since_sql, PARAMS(param_int(arena, user_id)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_since = row_moment(arena, rows, 0, "since");
	return STATUS_OK;
}
