/* What gets old. */
#include "store/retention.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"
#include "store/inventory.h"

enum { ROWS_AT_ONCE = 500, NAMES_AT_ONCE = 200 };

enum status retention_apply(struct db *db, struct arena *arena, const struct inventory_rule *rule,
			    int64_t hours, int64_t *ret_count, bool *ret_left)
{
	enum status st = db_run_count(
		db, rule->sql, PARAMS(param_int(arena, hours), param_int(arena, ROWS_AT_ONCE)),
		ret_count);
	if (st == STATUS_OK)
		*ret_left = *ret_count == ROWS_AT_ONCE;
	return st;
}

/*
 * Lock, then look again with a snapshot of its own: whoever takes a video for a post locks it too,
 * and a post made in between must be seen.
 */
static enum status posted_videos_in_transaction(struct db *db, struct arena *arena, int64_t days,
						int64_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	const char *age = param_int(arena, days);
	enum status st = db_query(db, retention_posted_lock_sql,
				  PARAMS(age, param_int(arena, NAMES_AT_ONCE)), &rows);
	*ret_count = 0;
	if (st != STATUS_OK || PQntuples(rows) == 0)
		return st;
	size_t count = (size_t)PQntuples(rows);
	const char **ids = arena_alloc(arena, count * sizeof(*ids));
	for (size_t i = 0; i < count; i++)
		ids[i] = row_text(arena, rows, (int)i, "id");
	return db_run_count(db, retention_posted_videos_sql,
			    PARAMS(age, param_text_array(arena, ids, count)), ret_count);
}

enum status retention_posted_videos(struct db *db, struct arena *arena, int64_t days,
				    int64_t *ret_count)
{
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = posted_videos_in_transaction(db, arena, days, ret_count);
	return db_end(db, st);
}

static enum status names(struct db *db, struct arena *arena, const char *sql, struct params params,
			 struct retention_names *ret_names)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, sql, params, &rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	const char **list = arena_alloc(arena, (count + 1) * sizeof(*list));
	for (size_t i = 0; i < count; i++)
		list[i] = row_text(arena, rows, (int)i, "name");
	*ret_names = (struct retention_names){ list, count };
	return STATUS_OK;
}

enum status retention_old_uploads(struct db *db, struct arena *arena, const char *after,
				  struct retention_names *ret_uploads)
{
	return names(db, arena, retention_old_uploads_sql,
		     PARAMS(after, param_int(arena, NAMES_AT_ONCE)), ret_uploads);
}

enum status retention_file_queue(struct db *db, struct arena *arena, const char *after,
				 struct retention_names *ret_files)
{
	return names(db, arena, retention_file_queue_sql,
		     PARAMS(after, param_int(arena, NAMES_AT_ONCE)), ret_files);
}

enum status retention_upload_drop(struct db *db, const char *id, bool *ret_finished)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, retention_upload_drop_sql, PARAMS(id), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_finished = row_bool(rows, 0, "finished");
	return STATUS_OK;
}

enum status retention_file_removed(struct db *db, const char *file)
{
	return db_run_any(db, retention_file_removed_sql, PARAMS(file));
}

enum status retention_orphans(struct db *db, struct arena *arena, const struct retention_names *ids,
			      bool only_uploads, struct retention_names *ret_orphans)
{
	return names(
		db, arena, retention_orphans_sql,
		PARAMS(param_text_array(arena, ids->names, ids->count), param_bool(only_uploads)),
		ret_orphans);
}

enum status retention_note(struct db *db, struct arena *arena, const char *rule, int64_t count)
{
	return db_run(db, retention_note_sql, PARAMS(rule, param_int(arena, count)));
}

enum status retention_heartbeat(struct db *db)
{
	return db_run(db, heartbeat_sql, PARAMS("janitor"));
}
