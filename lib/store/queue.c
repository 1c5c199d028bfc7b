/* Claims, leases and what a claimed post is. */
#include "store/queue.h"

#include <string.h>

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

static enum status claim(struct db *db, const char *sql, struct params params, size_t max,
			 struct queue_claim *ret_claims, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, sql, params, &rows);
	if (st != STATUS_OK)
		return st;
	*ret_count = 0;
	for (int row = 0; row < PQntuples(rows) && *ret_count < max; row++)
		ret_claims[(*ret_count)++] = (struct queue_claim){ row_int(rows, row, "id"),
								   row_int(rows, row, "fence") };
	return STATUS_OK;
}

static const char *seconds(struct arena *arena, double value)
{
	return arena_printf(arena, "%.3f", value);
}

enum status queue_claim_due(struct db *db, struct arena *arena, const struct queue_due *what,
			    size_t max, struct queue_claim *ret_claims, size_t *ret_count)
{
	/*
	 * The first that are due are nearly always enough. Where their accounts are busy, or one user has
	 * hundreds of them, those behind have their turn as well.
	 */
	static const int64_t windows[] = { 1024, 32 * 1024 };
	enum status st = STATUS_OK;
	size_t count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(windows) && st == STATUS_OK && count < max; i++) {
		size_t more = 0;
		st = claim(db, queue_claim_due_sql,
			   PARAMS(param_int(arena, QUEUE_LEASE_SECONDS),
				  param_int(arena, (int64_t)(max - count)),
				  seconds(arena, what->horizon_seconds),
				  param_int(arena, what->per_account),
				  param_int(arena, what->spacing_seconds),
				  param_int(arena, windows[i])),
			   max - count, ret_claims + count, &more);
		count += more;
	}
	/* What was taken is ours, whatever came after. */
	if (count > 0 || st == STATUS_OK)
		*ret_count = count;
	return count > 0 ? STATUS_OK : st;
}

enum status queue_claim_ahead(struct db *db, struct arena *arena, double from_seconds,
			      double to_seconds, size_t max, struct queue_claim *ret_claims,
			      size_t *ret_count)
{
	return claim(db, queue_claim_ahead_sql,
		     PARAMS(param_int(arena, QUEUE_LEASE_SECONDS), param_int(arena, (int64_t)max),
			    seconds(arena, from_seconds), seconds(arena, to_seconds)),
		     max, ret_claims, ret_count);
}

enum status queue_claim_lost(struct db *db, struct arena *arena, size_t max,
			     struct queue_claim *ret_claims, size_t *ret_count)
{
	return claim(db, queue_claim_lost_sql,
		     PARAMS(param_int(arena, QUEUE_LEASE_SECONDS), param_int(arena, (int64_t)max)),
		     max, ret_claims, ret_count);
}

enum status queue_claim_check(struct db *db, struct arena *arena, size_t max,
			      struct queue_claim *ret_claims, size_t *ret_count)
{
	return claim(db, queue_claim_check_sql,
		     PARAMS(param_int(arena, QUEUE_LEASE_SECONDS), param_int(arena, (int64_t)max)),
		     max, ret_claims, ret_count);
}

enum status queue_claim_preflight(struct db *db, struct arena *arena, size_t max,
				  struct queue_claim *ret_claims, size_t *ret_count)
{
	return claim(db, queue_claim_preflight_sql,
		     PARAMS(param_int(arena, QUEUE_LEASE_SECONDS), param_int(arena, (int64_t)max)),
		     max, ret_claims, ret_count);
}

static const char *text_or_empty(struct arena *arena, const PGresult *rows, int row,
				 const char *column)
{
	const char *text = row_text(arena, rows, row, column);
	return text ? text : "";
}

static struct queue_post post_from_row(struct arena *arena, const PGresult *rows, int row)
{
	return (struct queue_post){
		.id = row_int(rows, row, "id"),
		.fence = row_int(rows, row, "fence"),
		.user_id = row_int(rows, row, "user_id"),
		.account_id = row_int(rows, row, "account_id"),
		.state = text_or_empty(arena, rows, row, "state"),
		.mode = text_or_empty(arena, rows, row, "mode"),
		.caption = text_or_empty(arena, rows, row, "caption"),
		.privacy_level = text_or_empty(arena, rows, row, "privacy_level"),
		.allow_comment = row_bool(rows, row, "allow_comment"),
		.allow_duet = row_bool(rows, row, "allow_duet"),
		.allow_stitch = row_bool(rows, row, "allow_stitch"),
		.your_brand = row_bool(rows, row, "your_brand"),
		.branded_content = row_bool(rows, row, "branded_content"),
		.is_aigc = row_bool(rows, row, "is_aigc"),
		.cover_ms = row_int(rows, row, "cover_ms"),
		.errors = row_int(rows, row, "errors"),
		.unrecorded = row_int(rows, row, "unrecorded"),
		.checks = row_int(rows, row, "checks"),
		.due_in_ms = row_int(rows, row, "due_in_ms"),
		.late_s = row_int(rows, row, "late_s"),
		.sent_age_s = row_int(rows, row, "sent_age_s"),
		.sent_at_unix = row_int(rows, row, "sent_at_unix"),
		.publish_id = row_text(arena, rows, row, "publish_id"),
		.public_id_count = row_int(rows, row, "public_id_count"),
		.blocked_code = row_text(arena, rows, row, "blocked_code"),
		.blocked_s = row_int(rows, row, "blocked_s"),
		.told = row_text(arena, rows, row, "told"),
		.reason_code = row_text(arena, rows, row, "reason_code"),
		.warning_code = row_text(arena, rows, row, "warning_code"),
		.is_prepared = row_bool(rows, row, "is_prepared"),
		.account_state = text_or_empty(arena, rows, row, "account_state"),
		.open_id = text_or_empty(arena, rows, row, "open_id"),
		.username = text_or_empty(arena, rows, row, "username"),
		.scopes = text_or_empty(arena, rows, row, "scopes"),
		.token_version = row_int(rows, row, "token_version"),
		.access_sealed = row_text(arena, rows, row, "access_sealed"),
		.is_token_fresh = row_bool(rows, row, "is_token_fresh"),
		.refresh_ends_first = row_bool(rows, row, "refresh_ends_first"),
		.privacy_options = text_or_empty(arena, rows, row, "privacy_options"),
		.comment_disabled = row_bool(rows, row, "comment_disabled"),
		.duet_disabled = row_bool(rows, row, "duet_disabled"),
		.stitch_disabled = row_bool(rows, row, "stitch_disabled"),
		.max_duration_s = row_int(rows, row, "max_duration_s"),
		.creator_info_age_s = row_is_null(rows, row, "creator_info_age_s")
					      ? -1
					      : row_int(rows, row, "creator_info_age_s"),
		.file = row_text(arena, rows, row, "file"),
		.size = row_int(rows, row, "size"),
		.duration_ms = row_int(rows, row, "duration_ms"),
		.container = text_or_empty(arena, rows, row, "container"),
		.video_usable =
			strcmp(text_or_empty(arena, rows, row, "video_state"), "ready") == 0 &&
			!row_bool(rows, row, "video_deleted"),
		.attempt_id = row_int(rows, row, "attempt_id"),
		.attempt_publish_id = row_text(arena, rows, row, "attempt_publish_id"),
		.upload_url_sealed = row_text(arena, rows, row, "upload_url_sealed"),
		.bytes_total = row_int(rows, row, "bytes_total"),
		.chunk_size = row_int(rows, row, "chunk_size"),
		.chunk_count = row_int(rows, row, "chunk_count"),
		.bytes_acked = row_int(rows, row, "bytes_acked"),
		.attempt_age_s = row_int(rows, row, "attempt_age_s"),
		.final_intent = row_bool(rows, row, "final_intent"),
		.is_pull =
			strcmp(text_or_empty(arena, rows, row, "transfer"), "pull_from_url") == 0,
	};
}

/* Two arrays that make rows again on the other side. */
static struct params claims_as_arrays(struct arena *arena, const struct queue_claim *claims,
				      size_t count, const char **ret_values)
{
	int64_t *ids = arena_alloc(arena, (count + 1) * sizeof(*ids));
	int64_t *fences = arena_alloc(arena, (count + 1) * sizeof(*fences));
	for (size_t i = 0; i < count; i++) {
		ids[i] = claims[i].id;
		fences[i] = claims[i].fence;
	}
	ret_values[0] = param_int_array(arena, ids, count);
	ret_values[1] = param_int_array(arena, fences, count);
	return (struct params){ ret_values, 2 };
}

static size_t index_of(const struct queue_claim *claims, size_t count, int64_t id)
{
	size_t i = 0;
	while (i < count && claims[i].id != id)
		i++;
	return i;
}

enum status queue_load(struct db *db, struct arena *arena, struct arena *const *arenas,
		       const struct queue_claim *claims, size_t count, struct queue_post *ret_posts,
		       bool *ret_found)
{
	const char *values[2];
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, queue_load_sql, claims_as_arrays(arena, claims, count, values), &rows);
	if (st != STATUS_OK)
		return st;
	for (size_t i = 0; i < count; i++)
		ret_found[i] = false;
	for (int row = 0; row < PQntuples(rows); row++) {
		size_t i = index_of(claims, count, row_int(rows, row, "id"));
		if (i == count)
			continue;
		ret_posts[i] = post_from_row(arenas[i], rows, row);
		ret_found[i] = true;
	}
	return STATUS_OK;
}

enum status queue_renew(struct db *db, struct arena *arena, const struct queue_claim *claims,
			size_t count, bool *ret_kept)
{
	const char *values[3];
	claims_as_arrays(arena, claims, count, values);
	values[2] = param_int(arena, QUEUE_LEASE_SECONDS);
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, queue_renew_sql, (struct params){ values, 3 }, &rows);
	if (st != STATUS_OK)
		return st;
	for (size_t i = 0; i < count; i++)
		ret_kept[i] = false;
	for (int row = 0; row < PQntuples(rows); row++) {
		size_t i = index_of(claims, count, row_int(rows, row, "id"));
		if (i < count)
			ret_kept[i] = true;
	}
	return STATUS_OK;
}

#define CLAIM_PARAMS(arena, claim) param_int(arena, (claim).id), param_int(arena, (claim).fence)

enum status queue_release(struct db *db, struct arena *arena, struct queue_claim claim)
{
	return db_run(db, queue_release_sql, PARAMS(CLAIM_PARAMS(arena, claim)));
}

enum status queue_resume(struct db *db, struct arena *arena, struct queue_claim claim,
			 int64_t per_account)
{
	return db_run(db, queue_resume_sql,
		      PARAMS(CLAIM_PARAMS(arena, claim), param_int(arena, per_account)));
}

enum status queue_hold_missed(struct db *db, struct arena *arena, int64_t late_minutes,
			      const struct queue_words *words)
{
	return db_run(db, queue_hold_missed_sql,
		      PARAMS(param_int(arena, late_minutes), words->code, words->message,
			     words->remedy_code, words->remedy));
}

enum status queue_wait_out(struct db *db, const struct queue_words *words, const char *code_before)
{
	return db_run(db, queue_wait_out_sql,
		      PARAMS(words->code, words->message, words->remedy_code, words->remedy,
			     code_before));
}
