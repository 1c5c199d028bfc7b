/* The writing half of the video table. */
#include "store/video.h"

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

enum status video_claim(struct db *db, struct arena *arena, int lease_seconds,
			struct video_claim *ret_claim)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, video_claim_sql, PARAMS(param_int(arena, lease_seconds)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_claim = (struct video_claim){
		.id = row_int(rows, 0, "id"),
		.file = row_text(arena, rows, 0, "file"),
		.size = row_int(rows, 0, "size"),
		.attempt = (int)row_int(rows, 0, "check_attempts"),
	};
	return STATUS_OK;
}

enum status video_unclaim(struct db *db, struct arena *arena, const struct video_claim *claim,
			  int seconds)
{
	return db_run(db, video_unclaim_sql,
		      PARAMS(param_int(arena, claim->id), param_int(arena, claim->attempt),
			     param_int(arena, seconds)));
}

enum status video_checked(struct db *db, struct arena *arena, const struct video_claim *claim,
			  const struct video_finding *finding)
{
	return db_run(
		db, video_checked_sql,
		PARAMS(param_int(arena, claim->id), param_int(arena, claim->attempt),
		       finding->ready ? "ready" : "refused", finding->reason_code,
		       finding->reason_message, finding->container, finding->codec,
		       finding->audio_codec, param_id(arena, finding->width),
		       param_id(arena, finding->height), param_int(arena, finding->rotation),
		       param_id(arena, finding->fps_milli), param_id(arena, finding->duration_ms),
		       param_bool(finding->has_thumbnail), param_bool(finding->fps_variable),
		       param_bool(finding->has_location), param_bool(finding->has_device),
		       param_int(arena, finding->strip_frames), param_bool(finding->repairable)));
}

enum status video_hash_claim(struct db *db, struct arena *arena, int lease_seconds,
			     struct video_claim *ret_claim)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, video_hash_claim_sql, PARAMS(param_int(arena, lease_seconds)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_claim = (struct video_claim){
		.id = row_int(rows, 0, "id"),
		.file = row_text(arena, rows, 0, "file"),
		.size = row_int(rows, 0, "size"),
	};
	return STATUS_OK;
}

enum status video_hash_renew(struct db *db, struct arena *arena, const struct video_claim *claim,
			     int lease_seconds)
{
	return db_run(db, video_hash_renew_sql,
		      PARAMS(param_int(arena, claim->id), param_int(arena, lease_seconds)));
}

enum status video_hashed(struct db *db, struct arena *arena, const struct video_claim *claim,
			 const char *sha256)
{
	return db_run(db, video_hashed_sql, PARAMS(param_int(arena, claim->id), sha256));
}
