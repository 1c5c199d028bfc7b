/* Upkeep: each account under care is a small task of its own. */
#include "publish/upkeep.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/failpoint.h"
#include "base/config.h"
#include "base/log.h"
#include "base/words.h"
#include "publish/engine.h"
#include "publish/token.h"
#include "queries.h"
#include "remote/http.h"
#include "remote/tiktok.h"
#include "store/db.h"
#include "store/deletion.h"
#include "store/queue.h"

enum {
	TASKS_MAX = 8,
	REVOKE_TRIES = 3,
	KEY_TRIES = 2880, /* a day: so long a key may be missing before access goes unrevoked */
};

struct task {
	struct upkeep *upkeep;
	struct arena arena;
	bool used;
	int64_t account_id, user_id, tries, waits;
	bool for_erasure; /* TikTok is asked until it answers */
	struct http_transfer *transfer;
};

struct upkeep {
	struct engine *engine;
	struct task tasks[TASKS_MAX];
};

struct upkeep *upkeep_new(void)
{
	struct upkeep *upkeep = calloc(1, sizeof(*upkeep));
	if (!upkeep)
		log_die("out_of_memory");
	return upkeep;
}

static void task_end(struct task *task)
{
	if (task->transfer)
		http_cancel(task->transfer);
	arena_reset(&task->arena);
	*task = (struct task){ .upkeep = task->upkeep };
}

void upkeep_free(struct upkeep *upkeep)
{
	for (size_t i = 0; i < TASKS_MAX; i++)
		task_end(&upkeep->tasks[i]);
	free(upkeep);
}

bool upkeep_is_busy(const struct upkeep *upkeep)
{
	for (size_t i = 0; i < TASKS_MAX; i++) {
		if (upkeep->tasks[i].used)
			return true;
	}
	return false;
}

static struct task *task_new(struct upkeep *upkeep, int64_t account_id)
{
	for (size_t i = 0; i < TASKS_MAX; i++) {
		struct task *task = &upkeep->tasks[i];
		if (task->used)
			continue;
		*task = (struct task){ .upkeep = upkeep, .used = true, .account_id = account_id };
		return task;
	}
	return NULL;
}

/* -------------------------------------------------------------- disconnect */

static void wipe(struct task *task, const char *code)
{
	struct db *db = task->upkeep->engine->tokens.db;
	FAILPOINT("wipe_before");
	enum status st = db_run(db, account_wipe_sql,
				PARAMS(param_int(&task->arena, task->account_id), code));
	if (st == STATUS_OK || st == STATUS_NOT_FOUND)
		st = deletion_tokens_revoked(db, &task->arena, task->user_id);
	log_info("account_disconnected account=%" PRId64 " code=%s status=%s", task->account_id,
		 code, status_name(st));
	task_end(task);
}

/* What is asked for an erasure the janitor ends after three days, and the receipt says so. */
static bool tries_again(const struct task *task)
{
	return task->for_erasure || task->tries < REVOKE_TRIES;
}

static void on_revoked(void *context, enum status st, const struct http_answer *answer)
{
	struct task *task = context;
	struct tiktok_error error = { 0 };
	task->transfer = NULL;
	if (st == STATUS_OK)
		st = tiktok_revoke_parse(&task->arena, answer, &error);
	if (st == STATUS_OK)
		wipe(task, "revoked");
	else if (st == STATUS_RETRY && tries_again(task))
		task_end(task);
	else
		/* The tokens go whatever TikTok says (reference 1.8). */
		wipe(task, error.code ? error.code : "revoke_unanswered");
}

static void wait_for_key(struct task *task)
{
	enum status st = db_run_any(task->upkeep->engine->tokens.db, upkeep_key_missing_sql,
				    PARAMS(param_int(&task->arena, task->account_id)));
	if (st != STATUS_OK)
		log_warn("key_missing_not_noted account=%" PRId64 " status=%s", task->account_id,
			 status_name(st));
	task_end(task);
}

static void on_revoke_token(void *context, enum status st, const struct token *token,
			    const struct token_call *call)
{
	struct task *task = context;
	if (st == STATUS_OK) {
		struct http_request request = tiktok_revoke_request(
			task->upkeep->engine->tokens.tiktok, &task->arena, token->access);
		task->transfer = http_start(task->upkeep->engine->tokens.http, &task->arena,
					    &request, on_revoked, task);
	} else if (st == STATUS_CONFLICT && task->waits < KEY_TRIES) {
		wait_for_key(task);
	} else if (st == STATUS_RETRY && tries_again(task)) {
		task_end(task);
	} else {
		wipe(task, call->error ? call->error->code : "no_token");
	}
}

static enum status begin_disconnects(struct upkeep *upkeep, struct arena *arena)
{
	const struct token_source *source = &upkeep->engine->tokens;
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(source->db, upkeep_disconnecting_sql,
				  PARAMS(param_int(arena, TASKS_MAX / 2)), &rows);
	if (st != STATUS_OK)
		return st;
	for (int row = 0; row < PQntuples(rows); row++) {
		/* A post in transfer is finished first; its last byte may be out already. */
		if (row_bool(rows, row, "in_transfer"))
			continue;
		struct task *task = task_new(upkeep, row_int(rows, row, "id"));
		if (!task)
			break;
		task->user_id = row_int(rows, row, "user_id");
		task->tries = row_int(rows, row, "disconnect_tries");
		task->waits = row_int(rows, row, "disconnect_waits");
		task->for_erasure = row_bool(rows, row, "for_erasure");
		token_get(source, &task->arena, task->account_id, 0, on_revoke_token, task,
			  &task->transfer);
	}
	return STATUS_OK;
}

/* ----------------------------------------------------------------- refresh */

static void on_kept_alive(void *context, enum status st, const struct token *token,
			  const struct token_call *call)
{
	struct task *task = context;
	(void)token;
	(void)call;
	if (st != STATUS_OK)
		log_info("refresh_ahead_failed account=%" PRId64 " status=%s", task->account_id,
			 status_name(st));
	task_end(task);
}

static enum status begin_refreshes(struct upkeep *upkeep, struct arena *arena)
{
	const struct token_source *source = &upkeep->engine->tokens;
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(source->db, upkeep_stale_sql,
				  PARAMS(param_int(arena, TASKS_MAX / 2)), &rows);
	if (st != STATUS_OK)
		return st;
	for (int row = 0; row < PQntuples(rows); row++) {
		struct task *task = task_new(upkeep, row_int(rows, row, "account_id"));
		if (!task)
			break;
		token_get(source, &task->arena, task->account_id, TOKEN_REFRESH_NOW, on_kept_alive,
			  task, &task->transfer);
	}
	return STATUS_OK;
}

static enum status hold_missed(struct engine *engine)
{
	const struct words *words = words_find("missed");
	return queue_hold_missed(engine->tokens.db, &engine->scratch,
				 engine->config->publisher_late_minutes,
				 &(struct queue_words){ words->code, words->cause.en,
							words->remedy_code, words->next.en });
}

void upkeep_begin(struct upkeep *upkeep, struct engine *engine)
{
	struct db *db = engine->tokens.db;
	struct arena *arena = &engine->scratch;
	upkeep->engine = engine;
	for (size_t i = 0; i < TASKS_MAX; i++)
		upkeep->tasks[i].upkeep = upkeep;
	if (upkeep_is_busy(upkeep))
		return;
	enum status st = db_run(db, heartbeat_sql, PARAMS("publisher"));
	if (st == STATUS_OK)
		st = db_run(
			db, queue_hold_lost_sql,
			PARAMS("TikTok no longer accepts this connection.",
			       "Reconnect the TikTok account; the post then goes on by itself."));
	if (st == STATUS_OK || st == STATUS_NOT_FOUND)
		st = hold_missed(engine);
	if (st == STATUS_OK || st == STATUS_NOT_FOUND)
		st = begin_disconnects(upkeep, arena);
	if (st == STATUS_OK)
		st = begin_refreshes(upkeep, arena);
	if (st != STATUS_OK)
		log_warn("upkeep_broke_off status=%s", status_name(st));
}
