/* Opening and refreshing. */
#include "publish/token.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/secretbox.h"
#include "base/token.h"
#include "publish/decide.h"
#include "remote/tiktok.h"
#include "store/account_token.h"
#include "store/db.h"

enum { SAVE_TRIES = 20, SAVE_PAUSE_MS = 500, RETRY_SECONDS = 15, RETRY_SOON_S = 1 };

struct token_job {
	const struct token_source *source;
	struct arena *arena;
	int64_t account_id, fence;
	struct account_token row;
	const struct http_answer *answer; /* of the refresh under way */
	token_done *done;
	void *context;
	struct http_transfer **transfer;
};

static void finish(struct token_job *job, enum status st, const struct token *token,
		   const struct tiktok_error *error)
{
	job->done(job->context, st, token, &(struct token_call){ job->answer, error });
}

static void finish_error(struct token_job *job, const char *code)
{
	struct tiktok_error error = { .code = code, .meaning = tiktok_meaning(code) };
	finish(job, STATUS_REFUSED, NULL, &error);
}

static void finish_status(struct token_job *job, enum status st)
{
	finish(job, st, NULL, NULL);
}

enum status token_open(const struct token_source *source, struct arena *arena, int64_t account_id,
		       int64_t version, const char *access_sealed, struct token *ret_token)
{
	struct token token = { .version = version };
	struct secretbox_place place = { .kind = SECRETBOX_ACCESS_TOKEN,
					 .account_id = account_id,
					 .version = version };
	enum status st = secretbox_open(arena, source->keys, place, access_sealed, &token.access);
	if (st == STATUS_OK)
		*ret_token = token;
	return st;
}

static void finish_open(struct token_job *job)
{
	struct token token;
	enum status st = token_open(job->source, job->arena, job->account_id, job->row.version,
				    job->row.access_sealed, &token);
	if (st == STATUS_OK)
		finish(job, STATUS_OK, &token, NULL);
	else
		finish_status(job, st == STATUS_CONFLICT ? st : STATUS_BROKEN);
}

/* The new pair must reach the disk: the old refresh token is dead already. */
static enum status save(struct token_job *job, const struct tiktok_tokens *tokens,
			struct token *ret_token)
{
	int64_t version = job->row.version + 1;
	const char *access, *refresh;
	secretbox_seal(
		job->arena, job->source->keys,
		(struct secretbox_place){ SECRETBOX_ACCESS_TOKEN, job->account_id, 0, version },
		tokens->access_token, &access);
	secretbox_seal(
		job->arena, job->source->keys,
		(struct secretbox_place){ SECRETBOX_REFRESH_TOKEN, job->account_id, 0, version },
		tokens->refresh_token, &refresh);
	enum status st = STATUS_RETRY;
	for (int i = 0; i < SAVE_TRIES && st == STATUS_RETRY; i++) {
		/* A database that restarts in this moment is worth ten seconds of everybody's time. */
		if (i > 0)
			nanosleep(&(struct timespec){ .tv_nsec = SAVE_PAUSE_MS * 1000000L }, NULL);
		st = account_token_save(job->source->db, job->arena, job->account_id, job->fence,
					version, access, refresh, tokens->expires_in,
					tokens->refresh_expires_in, tokens->scope);
	}
	if (st == STATUS_OK)
		*ret_token = (struct token){ tokens->access_token, version };
	else
		log_error("refreshed_token_not_saved account=%" PRId64 " status=%s",
			  job->account_id, status_name(st));
	return st;
}

static void lost(struct token_job *job, const char *code)
{
	log_warn("account_lost account=%" PRId64 " code=%s", job->account_id, code);
	enum status st = account_token_lost(job->source->db, job->arena, job->account_id, code);
	if (st != STATUS_OK)
		finish_status(job, st);
	else
		finish_error(job, code);
}

static void let_go(struct token_job *job, int64_t retry_seconds)
{
	enum status st = account_token_failed(job->source->db, job->arena, job->account_id,
					      job->fence, retry_seconds);
	if (st != STATUS_OK && st != STATUS_NOT_FOUND)
		log_warn("refresh_lease_kept account=%" PRId64, job->account_id);
}

static void on_refreshed(void *context, enum status st, const struct http_answer *answer)
{
	struct token_job *job = context;
	struct tiktok_tokens tokens;
	struct tiktok_error error;
	*job->transfer = NULL;
	job->answer = answer;
	FAILPOINT("refresh_answered");
	if (st == STATUS_OK)
		st = tiktok_tokens_parse(job->arena, answer, &tokens, &error);
	else
		log_warn("refresh_no_answer account=%" PRId64 " problem=%s", job->account_id,
			 answer->problem);
	if (st == STATUS_RETRY) {
		/*
		 * Of a lost answer nobody knows whether it used the old refresh token up: that is tried
		 * once more soon (R2). Trouble that TikTok tells of is given time, ever more (R8).
		 */
		let_go(job,
		       answer->status == 0 && job->row.lost == 0
			       ? RETRY_SOON_S
			       : RETRY_SECONDS + decide_backoff(job->row.lost, token_random_u32()));
		/* The old access token serves as long as it lives (R8). */
		if (job->row.expired)
			finish_status(job, STATUS_RETRY);
		else
			finish_open(job);
		return;
	}
	if (st == STATUS_REFUSED) {
		log_warn("refresh_refused account=%" PRId64 " code=%s remote_log=%s",
			 job->account_id, error.code, error.log_id ? error.log_id : "-");
		let_go(job, RETRY_SECONDS);
		if (error.meaning->class == TIKTOK_RECONNECT)
			lost(job, error.code);
		else
			finish(job, STATUS_REFUSED, NULL, &error);
		return;
	}
	if (strcmp(tokens.open_id, job->row.open_id) != 0) {
		log_error("refresh_for_another_account account=%" PRId64, job->account_id);
		lost(job, "wrong_account");
		return;
	}
	struct token token;
	st = save(job, &tokens, &token);
	FAILPOINT("refresh_saved");
	if (st == STATUS_OK)
		finish(job, STATUS_OK, &token, NULL);
	else
		finish_status(job, st == STATUS_NOT_FOUND ? STATUS_RETRY : st);
}

static void refresh(struct token_job *job)
{
	const struct token_source *source = job->source;
	struct secret refresh_token;
	struct secretbox_place place = { .kind = SECRETBOX_REFRESH_TOKEN,
					 .account_id = job->account_id,
					 .version = job->row.version };
	/* Before the lease: whoever cannot open it must not keep out those who can. */
	enum status st = secretbox_open(job->arena, source->keys, place, job->row.refresh_sealed,
					&refresh_token);
	if (st != STATUS_OK) {
		finish_status(job, st == STATUS_CONFLICT ? st : STATUS_BROKEN);
		return;
	}
	st = account_token_lease(source->db, job->arena, job->account_id, job->row.version,
				 &job->fence);
	if (st == STATUS_NOT_FOUND && !job->row.expired) {
		finish_open(job);
		return;
	}
	if (st != STATUS_OK) {
		finish_status(job, st == STATUS_NOT_FOUND ? STATUS_RETRY : st);
		return;
	}
	struct http_request request =
		tiktok_refresh_request(source->tiktok, job->arena, refresh_token);
	FAILPOINT("refresh_before");
	*job->transfer = http_start(source->http, job->arena, &request, on_refreshed, job);
}

void token_get(const struct token_source *source, struct arena *arena, int64_t account_id,
	       int64_t rejected_version, token_done *done, void *context,
	       struct http_transfer **ret_transfer)
{
	struct token_job *job = arena_alloc(arena, sizeof(*job));
	*job = (struct token_job){ .source = source,
				   .arena = arena,
				   .account_id = account_id,
				   .done = done,
				   .context = context,
				   .transfer = ret_transfer };
	*ret_transfer = NULL;
	enum status st = account_token_load(source->db, arena, account_id, &job->row);
	if (st == STATUS_NOT_FOUND) {
		finish_error(job, "invalid_grant");
		return;
	}
	if (st != STATUS_OK) {
		finish_status(job, st);
		return;
	}
	bool rejected = rejected_version >= job->row.version;
	if (strcmp(job->row.account_state, "reconnect") == 0 ||
	    strcmp(job->row.account_state, "disconnected") == 0) {
		finish_error(job, "invalid_grant");
	} else if (!rejected && !job->row.stale) {
		finish_open(job);
	} else if (job->row.refresh_expired) {
		lost(job, "invalid_grant");
	} else {
		/* A refused token is as good as expired; one refreshed ahead of need still serves. */
		if (rejected && rejected_version != TOKEN_REFRESH_NOW)
			job->row.expired = true;
		refresh(job);
	}
}
