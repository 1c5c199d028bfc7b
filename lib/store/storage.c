/* Sums over videos and uploads. */
#include "store/storage.h"

#include "queries.h"
#include "store/db.h"

enum status storage_read(struct db *db, struct arena *arena, int64_t user_id,
			 struct storage *ret_storage)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, storage_read_sql, PARAMS(param_int(arena, user_id)), &rows);
	if (st != STATUS_OK)
		return st;
	*ret_storage = (struct storage){
		.used_bytes = row_int(rows, 0, "used_bytes"),
		.videos = row_int(rows, 0, "videos"),
		.checking = row_int(rows, 0, "checking"),
		.ready = row_int(rows, 0, "ready"),
		.refused = row_int(rows, 0, "refused"),
		.uploading_bytes = row_int(rows, 0, "uploading_bytes"),
		.uploading = row_int(rows, 0, "uploading"),
		.uploads_today = row_int(rows, 0, "uploads_today"),
	};
	return STATUS_OK;
}
