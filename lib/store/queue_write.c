/* The queue's writes: rows go over as one JSON array each. */
#include "store/queue_write.h"

#include "base/arena.h"
#include "base/json.h"
#include "queries.h"
#include "store/db.h"

static struct json_object *row_new(int64_t id, int64_t fence)
{
	struct json_object *row = json_object_new_object();
	json_add_int(row, "id", id);
	json_add_int(row, "fence", fence);
	return row;
}

/* ---------------------------------------------------------------- start */

static const char *account_ids(struct arena *arena, const struct queue_start *starts, size_t count)
{
	int64_t *ids = arena_alloc(arena, (count + 1) * sizeof(*ids));
	for (size_t i = 0; i < count; i++)
		ids[i] = starts[i].account_id;
	return param_int_array(arena, ids, count);
}

static const char *post_ids(struct arena *arena, const struct queue_start *starts, size_t count)
{
	int64_t *ids = arena_alloc(arena, (count + 1) * sizeof(*ids));
	for (size_t i = 0; i < count; i++)
		ids[i] = starts[i].id;
	return param_int_array(arena, ids, count);
}

static size_t start_of(const struct queue_start *starts, size_t count, int64_t id)
{
	size_t i = 0;
	while (i < count && starts[i].id != id)
		i++;
	return i;
}

/* What the ledger says of each; QUEUE_STARTED: it may begin. */
static enum status look(struct db *db, struct arena *arena, const struct queue_limits *limits,
			const struct queue_start *starts, size_t count,
			struct queue_started *started)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, quota_look_sql,
				  PARAMS(post_ids(arena, starts, count),
					 param_int(arena, limits->per_account),
					 param_int(arena, limits->init_per_minute),
					 param_int(arena, limits->direct_per_day),
					 param_int(arena, limits->pending_drafts),
					 param_int(arena, limits->active_creators)),
				  &rows);
	if (st != STATUS_OK)
		return st;
	for (int row = 0; row < PQntuples(rows); row++) {
		size_t i = start_of(starts, count, row_int(rows, row, "id"));
		if (i == count)
			continue;
		if (!row_is_null(rows, row, "code"))
			started[i] = (struct queue_started){
				.result = QUEUE_WAIT,
				.wait_code = row_text(arena, rows, row, "code"),
				.wait_seconds = row_int(rows, row, "seconds"),
			};
		else
			started[i].result =
				row_bool(rows, row, "is_busy") ? QUEUE_BUSY : QUEUE_STARTED;
	}
	return STATUS_OK;
}

static enum status begin(struct db *db, struct arena *arena, const struct queue_start *starts,
			 size_t count, struct queue_started *started)
{
	CLEANUP(json_object_put) struct json_object *asked = json_object_new_array();
	for (size_t i = 0; i < count; i++) {
		if (started[i].result != QUEUE_STARTED)
			continue;
		struct json_object *row = row_new(starts[i].id, starts[i].fence);
		json_add_string(row, "from_state", starts[i].from);
		json_add_int(row, "total", starts[i].total);
		json_add_int(row, "chunk_size", starts[i].chunk_size);
		json_add_int(row, "chunk_count", starts[i].chunk_count);
		json_add_string(row, "pull_hash", starts[i].pull_hash);
		json_array_push(asked, row);
		started[i].result = QUEUE_LOST;
	}
	if (json_object_array_length(asked) == 0)
		return STATUS_OK;
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, queue_start_sql, PARAMS(json_text(arena, asked)), &rows);
	if (st != STATUS_OK)
		return st;
	for (int row = 0; row < PQntuples(rows); row++) {
		size_t i = start_of(starts, count, row_int(rows, row, "id"));
		if (i < count)
			started[i] = (struct queue_started){
				.result = QUEUE_STARTED,
				.attempt_id = row_int(rows, row, "attempt_id"),
			};
	}
	return STATUS_OK;
}

enum status queue_start_all(struct db *db, struct arena *arena, const struct queue_limits *limits,
			    const struct queue_start *starts, size_t count,
			    struct queue_started *ret_started)
{
	struct queue_started *started = arena_alloc(arena, (count + 1) * sizeof(*started));
	for (size_t i = 0; i < count; i++)
		started[i].result = QUEUE_LOST;
	enum status st = db_begin(db);
	if (st != STATUS_OK)
		return st;
	/* The lock comes in a statement of its own, so that the counts see what the last holder wrote. */
	st = db_run(db, quota_lock_sql, PARAMS(account_ids(arena, starts, count)));
	if (st == STATUS_OK || st == STATUS_NOT_FOUND)
		st = look(db, arena, limits, starts, count, started);
	if (st == STATUS_OK)
		st = begin(db, arena, starts, count, started);
	if (st != STATUS_OK) {
		db_rollback(db);
		return st;
	}
	st = db_commit(db);
	for (size_t i = 0; i < count && st == STATUS_OK; i++)
		ret_started[i] = started[i];
	return st;
}

/* ------------------------------------------------------------- progress */

/* Tells which of ids the statement has touched and, where ret_final is wanted, whether an intent stands. */
static void mark_done(const PGresult *rows, const int64_t *ids, size_t count, bool *ret_done,
		      bool *ret_final)
{
	for (size_t i = 0; i < count; i++)
		ret_done[i] = false;
	for (int row = 0; row < PQntuples(rows); row++) {
		int64_t id = row_int(rows, row, "id");
		size_t i = 0;
		while (i < count && ids[i] != id)
			i++;
		if (i == count)
			continue;
		ret_done[i] = true;
		if (ret_final)
			ret_final[i] = row_bool(rows, row, "is_final");
	}
}

enum status queue_open_all(struct db *db, struct arena *arena, const struct queue_open *opens,
			   size_t count, bool *ret_done, bool *ret_final)
{
	int64_t *ids = arena_alloc(arena, (count + 1) * sizeof(*ids));
	CLEANUP(json_object_put) struct json_object *asked = json_object_new_array();
	for (size_t i = 0; i < count; i++) {
		struct json_object *row = row_new(opens[i].id, opens[i].fence);
		ids[i] = opens[i].id;
		json_add_int(row, "attempt_id", opens[i].attempt_id);
		json_add_string(row, "publish_id", opens[i].publish_id);
		json_add_string(row, "upload_url_sealed", opens[i].upload_url_sealed);
		json_add_bool(row, "final", opens[i].final);
		json_array_push(asked, row);
	}
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, queue_open_sql, PARAMS(json_text(arena, asked)), &rows);
	if (st == STATUS_OK)
		mark_done(rows, ids, count, ret_done, ret_final);
	return st;
}

enum status queue_ack_all(struct db *db, struct arena *arena, const struct queue_ack *acks,
			  size_t count, bool *ret_done, bool *ret_final)
{
	int64_t *ids = arena_alloc(arena, (count + 1) * sizeof(*ids));
	CLEANUP(json_object_put) struct json_object *asked = json_object_new_array();
	for (size_t i = 0; i < count; i++) {
		struct json_object *row = row_new(acks[i].id, acks[i].fence);
		ids[i] = acks[i].id;
		json_add_int(row, "attempt_id", acks[i].attempt_id);
		json_add_int(row, "bytes", acks[i].bytes);
		json_add_bool(row, "final", acks[i].final);
		json_array_push(asked, row);
	}
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, queue_ack_sql, PARAMS(json_text(arena, asked)), &rows);
	if (st == STATUS_OK)
		mark_done(rows, ids, count, ret_done, ret_final);
	return st;
}

/* ---------------------------------------------------------------- moves */

static struct json_object *move_row(const struct queue_move *move)
{
	struct json_object *row = row_new(move->id, move->fence);
	json_add_string(row, "from_state", move->from);
	json_add_string(row, "to_state", move->to);
	json_add_string(row, "reason_code", move->reason_code);
	json_add_string(row, "reason_message", move->reason_message);
	json_add_string(row, "remedy_code", move->remedy_code);
	json_add_string(row, "remedy_message", move->remedy_message);
	if (move->set_next_attempt)
		json_add_int(row, "next_attempt_s", move->next_attempt_seconds);
	json_add_bool(row, "is_late_from", move->late_from_there);
	if (move->next_check_seconds >= 0)
		json_add_int(row, "next_check_s", move->next_check_seconds);
	if (move->preflight_seconds > 0)
		json_add_int(row, "preflight_s", move->preflight_seconds);
	json_add_bool(row, "is_preflight_over", move->stop_preflight);
	json_add_bool(row, "is_error", move->is_error);
	json_add_bool(row, "is_no_attempt", move->is_no_attempt);
	json_add_bool(row, "is_prepared", move->is_prepared);
	json_add_string(row, "close_attempt", move->close_attempt);
	if (move->keep_leased)
		json_add_int(row, "leased_s", move->lease_seconds);
	json_add_string(row, "log_id", move->log_id);
	return row;
}

enum status queue_move_all(struct db *db, struct arena *arena, const struct queue_move *moves,
			   size_t count, bool *ret_done)
{
	int64_t *ids = arena_alloc(arena, (count + 1) * sizeof(*ids));
	CLEANUP(json_object_put) struct json_object *asked = json_object_new_array();
	for (size_t i = 0; i < count; i++) {
		json_array_push(asked, move_row(&moves[i]));
		ids[i] = moves[i].id;
	}
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, queue_move_sql, PARAMS(json_text(arena, asked)), &rows);
	if (st == STATUS_OK)
		mark_done(rows, ids, count, ret_done, NULL);
	return st;
}

enum status queue_note_all(struct db *db, struct arena *arena, const struct queue_note *notes,
			   size_t count)
{
	CLEANUP(json_object_put) struct json_object *asked = json_object_new_array();
	for (size_t i = 0; i < count; i++) {
		struct json_object *row = json_object_new_object();
		json_add_int(row, "post_id", notes[i].post_id);
		json_add_string(row, "name", notes[i].name);
		if (notes[i].http_status)
			json_add_int(row, "http_status", notes[i].http_status);
		json_add_string(row, "code", notes[i].code);
		json_add_string(row, "log_id", notes[i].log_id);
		if (notes[i].bytes >= 0)
			json_add_int(row, "bytes", notes[i].bytes);
		json_add_string(row, "message", notes[i].message);
		json_array_push(asked, row);
	}
	return db_run_any(db, queue_note_sql, PARAMS(json_text(arena, asked)));
}

enum status queue_close_attempt(struct db *db, struct arena *arena, int64_t id, int64_t fence,
				const char *outcome)
{
	return db_run(db, queue_close_attempt_sql,
		      PARAMS(param_int(arena, id), param_int(arena, fence), outcome));
}

enum status queue_public(struct db *db, struct arena *arena, int64_t id, int64_t fence,
			 const char *const *ids, size_t count, const char *url)
{
	return db_run(db, queue_public_sql,
		      PARAMS(param_int(arena, id), param_int(arena, fence),
			     param_text_array(arena, ids, count), url));
}
