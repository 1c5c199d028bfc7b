/* Open breakers. */
#include "store/outage.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

enum status outage_read(struct db *db, struct arena *arena, int64_t user_id,
			struct moment *ret_since)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, outage_read_sql, PARAMS(param_int(arena, user_id)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_since = row_moment(arena, rows, 0, "since");
	return STATUS_OK;
}
