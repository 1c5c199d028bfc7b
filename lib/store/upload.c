/* The upload table, and counting what a user has. */
#include "store/upload.h"

#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "queries.h"
#include "store/db.h"

#define GB (INT64_C(1000) * 1000 * 1000)

struct upload_limits upload_limits_of(const struct config *config)
{
	return (struct upload_limits){
		.bytes = config->user_storage_gb * GB,
		.videos = config->user_videos,
		.per_day = config->user_uploads_per_day,
		.unfinished = config->user_uploads_unfinished,
	};
}

enum status upload_usage_read(struct db *db, struct arena *arena, int64_t user_id,
			      struct upload_usage *ret_usage)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, upload_usage_sql, PARAMS(param_int(arena, user_id)), &rows);
	if (st != STATUS_OK)
		return st;
	*ret_usage = (struct upload_usage){
		.bytes = row_int(rows, 0, "bytes"),
		.videos = row_int(rows, 0, "videos"),
		.begun_today = row_int(rows, 0, "begun_today"),
		.unfinished = row_int(rows, 0, "unfinished"),
		.day_seconds = row_int(rows, 0, "day_seconds"),
	};
	return STATUS_OK;
}

static bool passes(int64_t limit, int64_t used, int64_t more)
{
	return limit > 0 && (used > limit || more > limit - used);
}

/* Parts were counted when they were begun, and repairs are not begun by people. */
static bool counts_for_the_day(const struct upload_new *upload)
{
	return strcmp(upload->kind, "final") != 0 && strcmp(upload->source, "repair") != 0;
}

static enum upload_limit limit_passed(const struct upload_new *upload,
				      const struct upload_usage *usage)
{
	const struct upload_limits *limits = &upload->limits;
	/* A byte of room is enough where the length is open. */
	if (passes(limits->bytes, usage->bytes, upload->length_open ? 1 : upload->length))
		return UPLOAD_LIMIT_BYTES;
	if (strcmp(upload->kind, "partial") != 0 && passes(limits->videos, usage->videos, 1))
		return UPLOAD_LIMIT_VIDEOS;
	if (counts_for_the_day(upload) && passes(limits->per_day, usage->begun_today, 1))
		return UPLOAD_LIMIT_PER_DAY;
	return passes(limits->unfinished, usage->unfinished, 1) ? UPLOAD_LIMIT_UNFINISHED
								: UPLOAD_FITS;
}

/* STATUS_NOT_FOUND: not all of them are there. */
static enum status parts_take(struct db *db, struct arena *arena, const struct upload_new *upload)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	if (upload->part_count == 0)
		return STATUS_OK;
	enum status st = db_query(db, upload_parts_take_sql,
				  PARAMS(param_text_array(arena, upload->parts, upload->part_count),
					 param_int(arena, upload->user_id)),
				  &rows);
	if (st != STATUS_OK)
		return st;
	return (size_t)PQntuples(rows) == upload->part_count ? STATUS_OK : STATUS_NOT_FOUND;
}

enum status upload_insert(struct db *db, struct arena *arena, const struct upload_new *upload,
			  struct upload_verdict *ret_verdict)
{
	const char *user = param_int(arena, upload->user_id);
	struct upload_verdict verdict = { .length = upload->length };
	enum status st = db_run(db, upload_lock_user_sql, PARAMS(user));
	if (st == STATUS_OK)
		st = parts_take(db, arena, upload);
	if (st == STATUS_OK)
		st = upload_usage_read(db, arena, upload->user_id, &verdict.usage);
	if (st != STATUS_OK)
		return st;
	verdict.limit = limit_passed(upload, &verdict.usage);
	if (upload->length_open &&
	    passes(upload->limits.bytes, verdict.usage.bytes, verdict.length))
		verdict.length = upload->limits.bytes - verdict.usage.bytes;
	*ret_verdict = verdict;
	if (verdict.limit != UPLOAD_FITS)
		return STATUS_REFUSED;
	st = db_run(db, upload_insert_sql,
		    PARAMS(upload->id, user, param_int(arena, verdict.length), upload->name,
			   param_int(arena, upload->keep_seconds), upload->kind, upload->source));
	if (st == STATUS_OK && counts_for_the_day(upload))
		st = db_run(db, upload_day_add_sql, PARAMS(user));
	return st;
}

enum status upload_set_length(struct db *db, struct arena *arena, const char *id, int64_t length)
{
	return db_run(db, upload_set_length_sql, PARAMS(id, param_int(arena, length)));
}

enum status upload_is_known(struct db *db, const char *id)
{
	return db_run(db, upload_is_known_sql, PARAMS(id));
}

enum status upload_extend(struct db *db, struct arena *arena, const char *id, int64_t keep_seconds)
{
	return db_run(db, upload_extend_sql, PARAMS(id, param_int(arena, keep_seconds)));
}

enum status upload_finish(struct db *db, struct arena *arena, const char *id, int64_t length,
			  int64_t keep_seconds, int64_t *ret_video_id)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(
		db, upload_finish_sql,
		PARAMS(id, param_int(arena, keep_seconds), param_int(arena, length)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_video_id = row_int(rows, 0, "video_id");
	return STATUS_OK;
}

enum status upload_delete(struct db *db, const char *id)
{
	return db_run(db, upload_delete_sql, PARAMS(id));
}

enum status upload_joining(struct db *db, struct arena *arena, size_t max,
			   const char *const **ret_ids, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, upload_joining_sql, PARAMS(param_int(arena, (int64_t)max)), &rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	const char **ids = arena_alloc(arena, (count + 1) * sizeof(*ids));
	for (size_t i = 0; i < count; i++)
		ids[i] = row_text(arena, rows, (int)i, "id");
	*ret_ids = ids;
	*ret_count = count;
	return STATUS_OK;
}

enum status upload_parts_delete(struct db *db, struct arena *arena, int64_t user_id,
				const char *const *ids, size_t count)
{
	return db_run_any(db, upload_parts_delete_sql,
			  PARAMS(param_text_array(arena, ids, count), param_int(arena, user_id)));
}

enum status upload_parts_free(struct db *db, struct arena *arena, int64_t user_id,
			      const char *const *ids, size_t count)
{
	return db_run_any(db, upload_parts_free_sql,
			  PARAMS(param_text_array(arena, ids, count), param_int(arena, user_id)));
}
