/* Choosing posts: a query finds ids, post_read brings the rest. */
#include "store/post_list.h"

#include <string.h>

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

static enum status read_ids(struct db *db, struct arena *arena, int64_t user_id,
			    const PGresult *rows, const char *group, struct post_group *ret_group)
{
	int total = PQntuples(rows);
	int64_t *ids = arena_alloc(arena, ((size_t)total + 1) * sizeof(*ids));
	size_t count = 0;
	for (int row = 0; row < total; row++) {
		if (!group || strcmp(row_text(arena, rows, row, "section"), group) == 0)
			ids[count++] = row_int(rows, row, "id");
	}
	return post_read(db, arena, user_id, ids, count, &ret_group->posts, &ret_group->count);
}

enum status post_list(struct db *db, struct arena *arena, int64_t user_id,
		      const struct post_filter *filter, struct post **ret_posts, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	const char *states = filter->state_count
				     ? param_text_array(arena, filter->states, filter->state_count)
				     : NULL;
	enum status st = db_query(
		db, post_find_sql,
		PARAMS(param_int(arena, user_id), states, param_id(arena, filter->account_id),
		       filter->from, filter->to, param_id(arena, filter->before),
		       param_int(arena, filter->limit), param_id(arena, filter->video_id)),
		&rows);
	struct post_group group;
	if (st == STATUS_OK)
		st = read_ids(db, arena, user_id, rows, NULL, &group);
	if (st != STATUS_OK)
		return st;
	*ret_posts = group.posts;
	*ret_count = group.count;
	return STATUS_OK;
}

enum status post_overview(struct db *db, struct arena *arena, int64_t user_id,
			  struct post_overview *ret_overview)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, post_overview_sql, PARAMS(param_int(arena, user_id)), &rows);
	if (st == STATUS_OK)
		st = read_ids(db, arena, user_id, rows, "attention", &ret_overview->attention);
	if (st == STATUS_OK)
		st = read_ids(db, arena, user_id, rows, "upcoming", &ret_overview->upcoming);
	if (st == STATUS_OK)
		st = read_ids(db, arena, user_id, rows, "recent", &ret_overview->recent);
	/* The sections come in the order of their names. */
	if (st == STATUS_OK)
		ret_overview->attention_total = PQntuples(rows) > 0 ? row_int(rows, 0, "total") : 0;
	return st;
}
