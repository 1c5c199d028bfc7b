/* Other posts that a video could belong to. */
#include "store/link.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

enum status link_taken(struct db *db, struct arena *arena, int64_t post_id, const char *const *ids,
		       size_t count, const char ***ret_taken, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(
		db, link_taken_sql,
		PARAMS(param_int(arena, post_id), param_text_array(arena, ids, count)), &rows);
	if (st != STATUS_OK)
		return st;
	size_t taken_count = (size_t)PQntuples(rows);
	const char **taken = arena_alloc(arena, (taken_count + 1) * sizeof(const char *));
	for (size_t i = 0; i < taken_count; i++)
		taken[i] = row_text(arena, rows, (int)i, "public_id");
	*ret_taken = taken;
	*ret_count = taken_count;
	return STATUS_OK;
}

enum status link_has_rival(struct db *db, struct arena *arena, int64_t post_id, bool *ret_has_rival)
{
	enum status st = db_run(db, link_rival_sql, PARAMS(param_int(arena, post_id)));
	if (st != STATUS_OK && st != STATUS_NOT_FOUND)
		return st;
	*ret_has_rival = st == STATUS_OK;
	return STATUS_OK;
}
