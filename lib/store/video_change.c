/* Writing videos of a user. */
#include "store/video_change.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"
#include "store/post_list.h"

enum { CANCEL_MOST = 1000 }; /* posts of one video, at one deletion */

enum status video_change(struct db *db, struct arena *arena, int64_t user_id, int64_t video_id,
			 const struct video_change *change)
{
	const char *tags =
		change->tags ? param_text_array(arena, change->tags, change->tag_count) : NULL;
	return db_run(
		db, video_change_sql,
		PARAMS(param_int(arena, user_id), param_int(arena, video_id), change->name, tags));
}

/* STATUS_CONFLICT: a publisher has just taken one of them. */
static enum status cancel_posts_of(struct db *db, struct arena *arena, int64_t user_id,
				   int64_t video_id)
{
	static const char *const states[] = { "scheduled" };
	struct post_filter filter = { .states = states,
				      .state_count = ARRAY_SIZE(states),
				      .video_id = video_id,
				      .limit = CANCEL_MOST };
	struct post *posts;
	size_t count = 0;
	/* All locks before the first event: the end of the record must not be held while waiting. */
	enum status st = db_run(db, post_lock_of_video_sql,
				PARAMS(param_int(arena, user_id), param_int(arena, video_id)));
	if (st == STATUS_OK || st == STATUS_NOT_FOUND)
		st = post_list(db, arena, user_id, &filter, &posts, &count);
	for (size_t i = 0; i < count && st == STATUS_OK; i++) {
		st = db_run(db, post_cancel_sql,
			    PARAMS(param_int(arena, user_id), param_int(arena, posts[i].id)));
		if (st == STATUS_NOT_FOUND)
			st = STATUS_CONFLICT;
	}
	return st;
}

enum status video_delete(struct db *db, struct arena *arena, int64_t user_id, int64_t video_id,
			 bool cancel_posts)
{
	struct params params = PARAMS(param_int(arena, user_id), param_int(arena, video_id));
	/*
	 * The lock waits for whoever is just scheduling a post with this video; what follows, with
	 * snapshots of its own, then sees that post.
	 */
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = db_run(db, video_lock_sql, params);
	if (st == STATUS_OK && cancel_posts)
		st = cancel_posts_of(db, arena, user_id, video_id);
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

enum status video_repair_ask(struct db *db, struct arena *arena, int64_t user_id, int64_t video_id)
{
	const char *user = param_int(arena, user_id), *video = param_int(arena, video_id);
	/* With the lock, two who ask at once do so one after the other. */
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = db_run(db, video_lock_sql, PARAMS(user, video));
	if (st == STATUS_OK) {
		st = db_run(db, video_repair_drop_sql, PARAMS(user, video, param_bool(false)));
		if (st == STATUS_NOT_FOUND)
			st = STATUS_OK;
	}
	if (st == STATUS_OK) {
		st = db_run(db, video_repair_ask_sql, PARAMS(user, video));
		if (st == STATUS_NOT_FOUND)
			st = STATUS_CONFLICT;
	}
	if (st == STATUS_OK)
		return db_commit(db);
	db_rollback(db);
	return st;
}

enum status video_repair_cancel(struct db *db, struct arena *arena, int64_t user_id,
				int64_t video_id)
{
	return db_run(
		db, video_repair_drop_sql,
		PARAMS(param_int(arena, user_id), param_int(arena, video_id), param_bool(true)));
}
