/* Exports of a user. */
#include "store/export_list.h"

#include "base/arena.h"
#include "queries.h"
#include "store/audit.h"
#include "store/db.h"

static struct export_entry entry_from_row(struct arena *arena, const PGresult *rows, int row)
{
	return (struct export_entry){
		.id = row_int(rows, row, "id"),
		.state = row_text(arena, rows, row, "state"),
		.with_videos = row_bool(rows, row, "with_videos"),
		.percent = (int)row_int(rows, row, "percent"),
		.file = row_text(arena, rows, row, "file"),
		.size = row_int(rows, row, "size"),
		.reason_code = row_text(arena, rows, row, "reason_code"),
		.reason_message = row_text(arena, rows, row, "reason_message"),
		.asked_at = row_moment(arena, rows, row, "asked_at"),
		.ended_at = row_moment(arena, rows, row, "ended_at"),
		.expires_at = row_moment(arena, rows, row, "expires_at"),
	};
}

static enum status export_read(struct db *db, struct arena *arena, struct params params,
			       struct export_entry **ret_entries, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, export_read_sql, params, &rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	struct export_entry *entries = arena_alloc(arena, (count + 1) * sizeof(*entries));
	for (size_t i = 0; i < count; i++)
		entries[i] = entry_from_row(arena, rows, (int)i);
	*ret_entries = entries;
	*ret_count = count;
	return STATUS_OK;
}

enum status export_list(struct db *db, struct arena *arena, int64_t user_id, int64_t before,
			int64_t limit, struct export_entry **ret_entries, size_t *ret_count)
{
	return export_read(db, arena,
			   PARAMS(param_int(arena, user_id), NULL, param_id(arena, before),
				  param_int(arena, limit)),
			   ret_entries, ret_count);
}

enum status export_get(struct db *db, struct arena *arena, int64_t user_id, int64_t export_id,
		       struct export_entry *ret_entry)
{
	struct export_entry *entries;
	size_t count;
	enum status st = export_read(
		db, arena,
		PARAMS(param_int(arena, user_id), param_int(arena, export_id), NULL, "1"), &entries,
		&count);
	if (st != STATUS_OK)
		return st;
	if (count == 0)
		return STATUS_NOT_FOUND;
	*ret_entry = entries[0];
	return STATUS_OK;
}

static enum status write_event(struct db *db, struct arena *arena, const char *name,
			       int64_t user_id, int64_t export_id, const char *address)
{
	const struct audit_event event = {
		.event = name, .user_id = user_id, .subject_id = export_id, .address = address
	};
	return audit_write(db, arena, &event);
}

/* One at a time of a user, so that they can be counted. The unique index refuses one beside an open one. */
static enum status ask_in_transaction(struct db *db, struct arena *arena, int64_t user_id,
				      bool with_videos, const char *address, int64_t *ret_export_id)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	const char *user = param_int(arena, user_id);
	enum status st = db_run(db, upload_lock_user_sql, PARAMS(user));
	if (st == STATUS_OK)
		st = db_run(db, export_replace_sql, PARAMS(user));
	if (st == STATUS_NOT_FOUND)
		st = STATUS_OK;
	if (st == STATUS_OK)
		st = db_query(
			db, export_ask_sql,
			PARAMS(user, param_bool(with_videos), param_int(arena, EXPORT_PER_DAY)),
			&rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_REFUSED;
	*ret_export_id = row_int(rows, 0, "id");
	return write_event(db, arena, "export_asked", user_id, *ret_export_id, address);
}

enum status export_ask(struct db *db, struct arena *arena, int64_t user_id, bool with_videos,
		       const char *address, int64_t *ret_export_id)
{
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = ask_in_transaction(db, arena, user_id, with_videos, address, ret_export_id);
	return db_end(db, st);
}

enum status export_cancel(struct db *db, struct arena *arena, int64_t user_id, int64_t export_id)
{
	return db_run(db, export_cancel_sql,
		      PARAMS(param_int(arena, user_id), param_int(arena, export_id)));
}

enum status export_note_fetched(struct db *db, struct arena *arena, int64_t user_id,
				int64_t export_id, const char *address)
{
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = db_run(db, export_fetched_sql, PARAMS(param_int(arena, export_id)));
	if (st == STATUS_OK)
		st = write_event(db, arena, "export_fetched", user_id, export_id, address);
	st = db_end(db, st);
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}
