/* The queue's statements. */
#include "store/queue.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "queries.h"
#include "store/db.h"

static enum status claim(struct db *db, const char *sql, struct params params,
			 struct queue_claim *ret_claim)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, sql, params, &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_claim = (struct queue_claim){ row_int(rows, 0, "id"), row_int(rows, 0, "fence") };
	return STATUS_OK;
}

enum status queue_claim_due(struct db *db, struct arena *arena, double horizon_seconds,
			    struct queue_claim *ret_claim)
{
	return claim(db, queue_claim_due_sql,
		     PARAMS(arena_printf(arena, "%.3f", horizon_seconds),
			    param_int(arena, QUEUE_LEASE_SECONDS)),
		     ret_claim);
}

enum status queue_claim_lost(struct db *db, struct arena *arena, struct queue_claim *ret_claim)
{
	return claim(db, queue_claim_lost_sql, PARAMS(param_int(arena, QUEUE_LEASE_SECONDS)),
		     ret_claim);
}

enum status queue_claim_check(struct db *db, struct arena *arena, struct queue_claim *ret_claim)
{
	return claim(db, queue_claim_check_sql, PARAMS(param_int(arena, QUEUE_LEASE_SECONDS)),
		     ret_claim);
}

static const char *text_or_empty(struct arena *arena, const PGresult *rows, const char *column)
{
	const char *text = row_text(arena, rows, 0, column);
	return text ? text : "";
}

enum status queue_load(struct db *db, struct arena *arena, struct queue_claim claim,
		       struct queue_post *ret_post)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, queue_load_sql,
			 PARAMS(param_int(arena, claim.id), param_int(arena, claim.fence)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_post = (struct queue_post){
		.id = claim.id,
		.fence = claim.fence,
		.user_id = row_int(rows, 0, "user_id"),
		.account_id = row_int(rows, 0, "account_id"),
		.state = text_or_empty(arena, rows, "state"),
		.mode = text_or_empty(arena, rows, "mode"),
		.caption = text_or_empty(arena, rows, "caption"),
		.privacy_level = text_or_empty(arena, rows, "privacy_level"),
		.allow_comment = row_bool(rows, 0, "allow_comment"),
		.allow_duet = row_bool(rows, 0, "allow_duet"),
		.allow_stitch = row_bool(rows, 0, "allow_stitch"),
		.your_brand = row_bool(rows, 0, "your_brand"),
		.branded_content = row_bool(rows, 0, "branded_content"),
		.is_aigc = row_bool(rows, 0, "is_aigc"),
		.cover_ms = row_int(rows, 0, "cover_ms"),
		.errors = row_int(rows, 0, "errors"),
		.unrecorded = row_int(rows, 0, "unrecorded"),
		.checks = row_int(rows, 0, "checks"),
		.due_in_ms = row_int(rows, 0, "due_in_ms"),
		.sent_age_s = row_int(rows, 0, "sent_age_s"),
		.publish_id = row_text(arena, rows, 0, "publish_id"),
		.public_id_count = row_int(rows, 0, "public_id_count"),
		.account_state = text_or_empty(arena, rows, "account_state"),
		.open_id = text_or_empty(arena, rows, "open_id"),
		.username = text_or_empty(arena, rows, "username"),
		.scopes = text_or_empty(arena, rows, "scopes"),
		.file = row_text(arena, rows, 0, "file"),
		.size = row_int(rows, 0, "size"),
		.duration_ms = row_int(rows, 0, "duration_ms"),
		.container = text_or_empty(arena, rows, "container"),
		.video_usable = strcmp(text_or_empty(arena, rows, "video_state"), "ready") == 0 &&
				!row_bool(rows, 0, "video_deleted"),
		.attempt_id = row_int(rows, 0, "attempt_id"),
		.attempt_publish_id = row_text(arena, rows, 0, "attempt_publish_id"),
		.upload_url_sealed = row_text(arena, rows, 0, "upload_url_sealed"),
		.bytes_total = row_int(rows, 0, "bytes_total"),
		.chunk_size = row_int(rows, 0, "chunk_size"),
		.chunk_count = row_int(rows, 0, "chunk_count"),
		.bytes_acked = row_int(rows, 0, "bytes_acked"),
		.attempt_age_s = row_int(rows, 0, "attempt_age_s"),
		.final_intent = row_bool(rows, 0, "final_intent"),
	};
	return STATUS_OK;
}

enum status queue_renew(struct db *db, struct arena *arena, const struct queue_claim *claims,
			size_t count, bool *ret_kept)
{
	const char **ids = arena_alloc(arena, (count + 1) * sizeof(*ids));
	const char **fences = arena_alloc(arena, (count + 1) * sizeof(*fences));
	for (size_t i = 0; i < count; i++) {
		ids[i] = param_int(arena, claims[i].id);
		fences[i] = param_int(arena, claims[i].fence);
		ret_kept[i] = false;
	}
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, queue_renew_sql,
				  PARAMS(param_text_array(arena, ids, count),
					 param_text_array(arena, fences, count),
					 param_int(arena, QUEUE_LEASE_SECONDS)),
				  &rows);
	if (st != STATUS_OK)
		return st;
	for (int row = 0; row < PQntuples(rows); row++) {
		for (size_t i = 0; i < count; i++)
			ret_kept[i] = ret_kept[i] || claims[i].id == row_int(rows, row, "id");
	}
	return STATUS_OK;
}

#define CLAIM_PARAMS(arena, claim) param_int(arena, (claim).id), param_int(arena, (claim).fence)

enum status queue_release(struct db *db, struct arena *arena, struct queue_claim claim)
{
	return db_run(db, queue_release_sql, PARAMS(CLAIM_PARAMS(arena, claim)));
}

enum status queue_start(struct db *db, struct arena *arena, const struct queue_post *post,
			int64_t total, int64_t chunk_size, int64_t chunk_count,
			int64_t *ret_attempt_id)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, queue_start_sql,
			 PARAMS(param_int(arena, post->id), param_int(arena, post->fence),
				post->state, param_int(arena, total), param_int(arena, chunk_size),
				param_int(arena, chunk_count)),
			 &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_attempt_id = row_int(rows, 0, "id");
	return STATUS_OK;
}

enum status queue_resume(struct db *db, struct arena *arena, struct queue_claim claim)
{
	return db_run(db, queue_resume_sql, PARAMS(CLAIM_PARAMS(arena, claim)));
}

enum status queue_opened(struct db *db, struct arena *arena, struct queue_claim claim,
			 int64_t attempt_id, const char *publish_id, const char *upload_url_sealed)
{
	return db_run(db, queue_opened_sql,
		      PARAMS(CLAIM_PARAMS(arena, claim), param_int(arena, attempt_id), publish_id,
			     upload_url_sealed));
}

enum status queue_acked(struct db *db, struct arena *arena, struct queue_claim claim,
			int64_t attempt_id, int64_t bytes)
{
	return db_run(db, queue_acked_sql,
		      PARAMS(CLAIM_PARAMS(arena, claim), param_int(arena, attempt_id),
			     param_int(arena, bytes)));
}

enum status queue_final_intent(struct db *db, struct arena *arena, struct queue_claim claim,
			       int64_t attempt_id)
{
	return db_run(db, queue_final_intent_sql,
		      PARAMS(CLAIM_PARAMS(arena, claim), param_int(arena, attempt_id)));
}

enum status queue_close_attempt(struct db *db, struct arena *arena, struct queue_claim claim,
				const char *outcome)
{
	return db_run(db, queue_close_attempt_sql, PARAMS(CLAIM_PARAMS(arena, claim), outcome));
}

enum status queue_move(struct db *db, struct arena *arena, struct queue_claim claim,
		       const struct queue_move *move)
{
	return db_run(
		db, queue_move_sql,
		PARAMS(CLAIM_PARAMS(arena, claim), move->from, move->to, move->reason_code,
		       move->reason_message, move->remedy_code, move->remedy_message,
		       move->set_next_attempt ? param_int(arena, move->next_attempt_seconds) : NULL,
		       move->next_check_seconds >= 0 ? param_int(arena, move->next_check_seconds)
						     : NULL,
		       param_bool(move->is_error), move->close_attempt,
		       move->keep_leased ? param_int(arena, move->lease_seconds) : NULL,
		       move->log_id));
}

enum status queue_public(struct db *db, struct arena *arena, struct queue_claim claim,
			 const char *const *ids, size_t count, const char *url)
{
	return db_run(db, queue_public_sql,
		      PARAMS(CLAIM_PARAMS(arena, claim), param_text_array(arena, ids, count), url));
}

enum status queue_note_call(struct db *db, struct arena *arena, int64_t post_id, const char *name,
			    long http_status, const char *code, const char *log_id, int64_t bytes,
			    const char *message)
{
	return db_run(db, queue_call_sql,
		      PARAMS(param_int(arena, post_id), name, param_id(arena, http_status), code,
			     log_id, bytes >= 0 ? param_int(arena, bytes) : NULL, message));
}
