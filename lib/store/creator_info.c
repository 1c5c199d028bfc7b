/* creator_info in the database. */
#include "store/creator_info.h"

#include "queries.h"
#include "store/db.h"

enum status creator_info_store(struct db *db, struct arena *arena, const struct creator_info *info)
{
	return db_run(
		db, creator_info_store_sql,
		PARAMS(param_int(arena, info->account_id),
		       param_text_array(arena, info->privacy_options, info->privacy_option_count),
		       param_bool(info->comment_disabled), param_bool(info->duet_disabled),
		       param_bool(info->stitch_disabled), param_int(arena, info->max_duration_s),
		       info->nickname, info->username));
}
