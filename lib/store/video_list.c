/* Videos of a user. */
#include "store/video_list.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

const char *video_sort_name(enum video_sort sort)
{
	static const char *const names[] = { "newest", "largest", "name" };
	return names[sort];
}

static struct video_repair repair_from_row(struct arena *arena, const PGresult *rows, int row)
{
	return (struct video_repair){
		.state = row_text(arena, rows, row, "repair_state"),
		.percent = row_int(rows, row, "repair_percent"),
		.video_id = row_int(rows, row, "repair_video_id"),
		.reason_code = row_text(arena, rows, row, "repair_reason_code"),
		.reason_message = row_text(arena, rows, row, "repair_reason_message"),
	};
}

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
		.strip_frames = row_int(rows, row, "strip_frames"),
		.sha256 = row_text(arena, rows, row, "sha256"),
		.tags = row_text(arena, rows, row, "tags"),
		.duplicates = row_text(arena, rows, row, "duplicates"),
		.posts = row_int(rows, row, "posts"),
		.scheduled_posts = row_int(rows, row, "scheduled_posts"),
		.used = row_bool(rows, row, "used"),
		.in_use = row_bool(rows, row, "in_use"),
		.last_posted_at = row_moment(arena, rows, row, "last_posted_at"),
		.fps_variable = row_bool(rows, row, "fps_variable"),
		.has_location = row_bool(rows, row, "has_location"),
		.has_device = row_bool(rows, row, "has_device"),
		.missing = row_bool(rows, row, "missing"),
		.repairable = row_bool(rows, row, "repairable"),
		.repair_of = row_int(rows, row, "repair_of"),
		.repair = repair_from_row(arena, rows, row),
		.created_at = row_moment(arena, rows, row, "created_at"),
	};
}

/* video_id NULL: any. */
static enum status video_read(struct db *db, struct arena *arena, int64_t user_id,
			      const char *video_id, const struct video_filter *filter,
			      struct video_item **ret_videos, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	const char *used =
		filter->use == VIDEO_ANY_USE ? NULL : param_bool(filter->use == VIDEO_USED);
	enum status st =
		db_query(db, video_read_sql,
			 PARAMS(param_int(arena, user_id), video_id, filter->state, filter->text,
				filter->tag, used, param_bool(filter->duplicates),
				video_sort_name(filter->sort), param_id(arena, filter->after),
				param_int(arena, filter->limit)),
			 &rows);
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

enum status video_list(struct db *db, struct arena *arena, int64_t user_id,
		       const struct video_filter *filter, struct video_item **ret_videos,
		       size_t *ret_count)
{
	return video_read(db, arena, user_id, NULL, filter, ret_videos, ret_count);
}

enum status video_get(struct db *db, struct arena *arena, int64_t user_id, int64_t video_id,
		      struct video_item *ret_video)
{
	struct video_filter filter = { .limit = 1 };
	struct video_item *videos;
	size_t count;
	enum status st = video_read(db, arena, user_id, param_int(arena, video_id), &filter,
				    &videos, &count);
	if (st != STATUS_OK)
		return st;
	if (count == 0)
		return STATUS_NOT_FOUND;
	*ret_video = videos[0];
	return STATUS_OK;
}

enum status video_tags(struct db *db, struct arena *arena, int64_t user_id, int64_t limit,
		       struct video_tag **ret_tags, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, video_tags_sql,
			 PARAMS(param_int(arena, user_id), param_int(arena, limit)), &rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	struct video_tag *tags = arena_alloc(arena, (count + 1) * sizeof(*tags));
	for (size_t i = 0; i < count; i++)
		tags[i] = (struct video_tag){ row_text(arena, rows, (int)i, "tag"),
					      row_int(rows, (int)i, "videos") };
	*ret_tags = tags;
	*ret_count = count;
	return STATUS_OK;
}
