/* Writing posts. */
#include "store/post_change.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

enum status post_key_find(struct db *db, struct arena *arena, int64_t user_id, struct post_key key,
			  int64_t *ret_post_id)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, post_key_find_sql,
			 PARAMS(param_int(arena, user_id), key.key_hash, key.body_hash), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	if (!row_bool(rows, 0, "same_body"))
		return STATUS_CONFLICT;
	*ret_post_id = row_int(rows, 0, "post_id");
	return STATUS_OK;
}

enum status post_create(struct db *db, struct arena *arena, int64_t user_id,
			const struct post_change *change, struct post_key key, int64_t *ret_post_id)
{
	const struct post_content *content = &change->content;
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(
		db, post_create_sql,
		PARAMS(param_int(arena, user_id), param_int(arena, content->account_id),
		       param_int(arena, content->video_id), post_mode_name(content->mode),
		       post_state_name(change->state), change->due_at, content->time_zone,
		       content->caption, content->privacy_level, param_bool(content->allow_comment),
		       param_bool(content->allow_duet), param_bool(content->allow_stitch),
		       param_bool(content->your_brand), param_bool(content->branded_content),
		       param_bool(content->is_aigc), param_int(arena, content->cover_ms),
		       change->consent, key.key_hash, key.body_hash),
		&rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_post_id = row_int(rows, 0, "id");
	return STATUS_OK;
}

enum status post_edit(struct db *db, struct arena *arena, int64_t user_id, const struct post *old,
		      const struct post_change *change)
{
	const struct post_content *content = &change->content;
	return db_run(db, post_edit_sql,
		      PARAMS(param_int(arena, user_id), param_int(arena, old->id),
			     post_state_name(old->state), param_int(arena, old->fence),
			     param_int(arena, content->account_id),
			     param_int(arena, content->video_id), post_mode_name(content->mode),
			     post_state_name(change->state), change->due_at, content->time_zone,
			     content->caption, content->privacy_level,
			     param_bool(content->allow_comment), param_bool(content->allow_duet),
			     param_bool(content->allow_stitch), param_bool(content->your_brand),
			     param_bool(content->branded_content), param_bool(content->is_aigc),
			     param_int(arena, content->cover_ms), change->consent,
			     param_bool(change->waits_as_before), param_bool(change->post_again),
			     change->noted));
}

enum status post_cancel(struct db *db, struct arena *arena, int64_t user_id, int64_t post_id)
{
	enum status st = db_run(db, post_cancel_sql,
				PARAMS(param_int(arena, user_id), param_int(arena, post_id)));
	if (st != STATUS_NOT_FOUND)
		return st;
	struct post post;
	st = post_get(db, arena, user_id, post_id, &post);
	if (st != STATUS_OK)
		return st;
	return post.state == POST_CANCELLED ? STATUS_OK : STATUS_CONFLICT;
}
