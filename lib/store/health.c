/* The state of the queue in numbers. */
#include "store/health.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

enum status health_read(struct db *db, struct arena *arena, struct health *ret_health)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, health_read_sql, NO_PARAMS, &rows);
	if (st != STATUS_OK)
		return st;
	*ret_health = (struct health){
		.schema = row_text(arena, rows, 0, "schema"),
		.heartbeat_age_s = row_is_null(rows, 0, "heartbeat_age_s")
					   ? -1
					   : row_int(rows, 0, "heartbeat_age_s"),
		.oldest_due_age_s = row_int(rows, 0, "oldest_due_age_s"),
		.oldest_lease_age_s = row_int(rows, 0, "oldest_lease_age_s"),
		.oldest_check_age_s = row_int(rows, 0, "oldest_check_age_s"),
		.missing_videos = row_int(rows, 0, "missing_videos"),
	};
	return STATUS_OK;
}

bool health_publisher_is_well(const struct health *health)
{
	return health->heartbeat_age_s >= 0 && health->heartbeat_age_s <= HEALTH_HEARTBEAT_MAX_S;
}

bool health_queue_is_well(const struct health *health)
{
	return health->oldest_due_age_s <= HEALTH_LATE_MAX_S &&
	       health->oldest_lease_age_s <= HEALTH_LATE_MAX_S &&
	       health->oldest_check_age_s <= HEALTH_LATE_MAX_S;
}
