/* Pull addresses. */
#include "store/pull.h"

#include "base/arena.h"
#include "base/token.h"
#include "queries.h"
#include "store/db.h"

const char *pull_hash(struct arena *arena, const char *word)
{
	return token_hash(arena, "pull", word);
}

enum status pull_find(struct db *db, struct arena *arena, const char *word, struct pull *ret_pull)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, pull_find_sql,
			 PARAMS(pull_hash(arena, word), param_int(arena, PULL_MINUTES)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_pull = (struct pull){
		.file = row_text(arena, rows, 0, "file"),
		.container = row_text(arena, rows, 0, "container"),
		.recorded = row_bool(rows, 0, "recorded"),
	};
	return STATUS_OK;
}
