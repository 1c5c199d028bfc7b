/* Missing files. */
#include "store/missing.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

enum status missing_videos(struct db *db, struct arena *arena, int64_t after, int64_t max,
			   struct missing_video **ret_videos, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, missing_videos_sql,
				  PARAMS(param_int(arena, after), param_int(arena, max)), &rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	struct missing_video *videos = arena_alloc(arena, (count + 1) * sizeof(*videos));
	for (size_t i = 0; i < count; i++)
		videos[i] = (struct missing_video){
			.id = row_int(rows, (int)i, "id"),
			.user_id = row_int(rows, (int)i, "user_id"),
			.file = row_text(arena, rows, (int)i, "file"),
			.is_noted = row_bool(rows, (int)i, "is_noted"),
		};
	*ret_videos = videos;
	*ret_count = count;
	return STATUS_OK;
}

enum status missing_note(struct db *db, struct arena *arena, int64_t video_id, bool missing)
{
	return db_run(db, missing_note_sql,
		      PARAMS(param_int(arena, video_id), param_bool(missing)));
}
