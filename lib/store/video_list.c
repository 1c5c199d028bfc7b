/* Videos of a user. */
#include "store/video_list.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

static struct video_item video_from_row(struct arena *arena, const PGresult *rows, int row)
{
	return (struct video_item){
		.id = row_int(rows, row, "id"),
		.name = row_text(arena, rows, row, "name"),
		.file = row_text(arena, rows, row, "file"),
		.state = row_text(arena, rows, row, "state"),
		.reason_code = row_text(arena, rows, row, "reason_code"),
		.reason_message = row_text(arena, rows, row, "reason_message"),
		.container = row_text(arena, rows, row, "container"),
		.codec = row_text(arena, rows, row, "codec"),
		.audio_codec = row_text(arena, rows, row, "audio_codec"),
		.size = row_int(rows, row, "size"),
		.duration_ms = row_int(rows, row, "duration_ms"),
		.width = row_int(rows, row, "width"),
		.height = row_int(rows, row, "height"),
		.rotation = row_int(rows, row, "rotation"),
		.fps_milli = row_int(rows, row, "fps_milli"),
		.has_thumbnail = row_bool(rows, row, "has_thumbnail"),
		.in_use = row_bool(rows, row, "in_use"),
		.created_at = row_moment(arena, rows, row, "created_at"),
	};
}

static enum status video_read(struct db *db, struct arena *arena, struct params params,
			      struct video_item **ret_videos, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, video_read_sql, params, &rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	struct video_item *videos = arena_alloc(arena, (count + 1) * sizeof(*videos));
	for (size_t i = 0; i < count; i++)
		videos[i] = video_from_row(arena, rows, (int)i);
	*ret_videos = videos;
	*ret_count = count;
	return STATUS_OK;
}

enum status video_list(struct db *db, struct arena *arena, int64_t user_id, const char *state,
		       int64_t before, int64_t limit, struct video_item **ret_videos,
		       size_t *ret_count)
{
	return video_read(db, arena,
			  PARAMS(param_int(arena, user_id), NULL, state, param_id(arena, before),
				 param_int(arena, limit)),
			  ret_videos, ret_count);
}

enum status video_get(struct db *db, struct arena *arena, int64_t user_id, int64_t video_id,
		      struct video_item *ret_video)
{
	struct video_item *videos;
	size_t count;
	enum status st = video_read(
		db, arena,
		PARAMS(param_int(arena, user_id), param_int(arena, video_id), NULL, NULL, "1"),
		&videos, &count);
	if (st != STATUS_OK)
		return st;
	if (count == 0)
		return STATUS_NOT_FOUND;
	*ret_video = videos[0];
	return STATUS_OK;
}

enum status video_delete(struct db *db, struct arena *arena, int64_t user_id, int64_t video_id)
{
	struct params params = PARAMS(param_int(arena, user_id), param_int(arena, video_id));
	/*
	 * The lock waits for whoever is just scheduling a post with this video; the deletion, with
	 * a snapshot of its own, then sees that post.
	 */
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = db_run(db, video_lock_sql, params);
	if (st == STATUS_OK) {
		st = db_run(db, video_delete_sql, params);
		if (st == STATUS_NOT_FOUND)
			st = STATUS_CONFLICT;
	}
	if (st == STATUS_OK)
		return db_commit(db);
	db_rollback(db);
	return st;
}
