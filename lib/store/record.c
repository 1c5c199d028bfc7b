/* The record of a user. */
#include "store/record.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

static struct record_event event_from_row(struct arena *arena, const PGresult *rows, int row)
{
	return (struct record_event){
		.id = row_int(rows, row, "id"),
		.at = row_moment(arena, rows, row, "at"),
		.event = row_text(arena, rows, row, "event"),
		.account_id = row_int(rows, row, "account_id"),
		.account_name = row_text(arena, rows, row, "account_name"),
		.post_id = row_int(rows, row, "post_id"),
		.code = row_text(arena, rows, row, "code"),
		.log_id = row_text(arena, rows, row, "log_id"),
		.address = row_text(arena, rows, row, "address"),
		.by_operator = row_bool(rows, row, "by_operator"),
	};
}

enum status record_list(struct db *db, struct arena *arena, int64_t user_id, int64_t before,
			int64_t limit, struct record_event **ret_events, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(
		db, record_list_sql,
		PARAMS(param_int(arena, user_id), param_id(arena, before), param_int(arena, limit)),
		&rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	struct record_event *events = arena_alloc(arena, (count + 1) * sizeof(*events));
	for (size_t i = 0; i < count; i++)
		events[i] = event_from_row(arena, rows, (int)i);
	*ret_events = events;
	*ret_count = count;
	return STATUS_OK;
}
