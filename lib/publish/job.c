/* What the steps share. */
#include "publish/job.h"

#include <inttypes.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "base/token.h"
#include "publish/decide.h"
#include "publish/engine.h"
#include "store/db.h"
#include "store/account_token.h"
#include "store/quota.h"

void job_at(struct job *job, int64_t when_ms, job_step *step)
{
	/* 0 means no timer; a time long past may lie before the machine's start. */
	job->wake_at_ms = when_ms > 0 ? when_ms : 1;
	job->wake = step;
}

void job_after(struct job *job, int64_t delay_ms, job_step *step)
{
	job_at(job, engine_now_ms() + delay_ms, step);
}

void job_end(struct job *job)
{
	job->ended = true;
	job->wake_at_ms = 0;
}

void job_stop(struct job *job)
{
	enum status st = queue_release(job->engine->tokens.db, &job->arena, job->claim);
	if (st != STATUS_OK)
		log_warn("claim_not_released post=%" PRId64, job->claim.id);
	job_end(job);
}

bool job_ended_by(struct job *job, enum status st)
{
	if (st == STATUS_OK)
		return false;
	log_warn("job_ended post=%" PRId64 " fence=%" PRId64 " why=%s", job->claim.id,
		 job->claim.fence, st == STATUS_NOT_FOUND ? "fence lost" : status_name(st));
	job_end(job);
	return true;
}

static void on_answer(void *context, enum status st, const struct http_answer *answer)
{
	struct job *job = context;
	job->transfer = NULL;
	job->answered(job, st, answer);
}

void job_send(struct job *job, const char *name, const struct http_request *request,
	      job_answer *answered)
{
	job->name = name;
	job->answered = answered;
	job->transfer = http_start(job->engine->tokens.http, &job->arena, request, on_answer, job);
}

void job_note(struct job *job, const struct http_answer *answer, const char *code,
	      const char *log_id)
{
	enum status st =
		queue_note_call(job->engine->tokens.db, &job->arena, job->post.id, job->name,
				answer->status, code, log_id ? log_id : answer->log_id,
				answer->bytes_sent > 0 ? answer->bytes_sent : -1, answer->problem);
	/* The note is for people; the work goes on without it. */
	if (st != STATUS_OK)
		log_warn("call_not_noted post=%" PRId64 " call=%s", job->post.id, job->name);
}

static void on_token(void *context, enum status st, const struct token *token,
		     const struct tiktok_error *error)
{
	struct job *job = context;
	job->token_awaited = false;
	if (*job->engine->stop) {
		job_stop(job);
	} else if (st == STATUS_OK) {
		job->token = *token;
		job->token_step(job);
	} else if (st == STATUS_REFUSED) {
		job_refused(job, error, NULL, NULL);
	} else if (st == STATUS_RETRY) {
		job_later(job, NULL);
	} else {
		job_hold(job, "token_unreadable",
			 "This site cannot open the account's access token.", "operator",
			 "The operator must check the token keys (see the log).");
	}
}

void job_with_token(struct job *job, bool fresh, job_step *step)
{
	job->token_step = step;
	job->token_refreshed = job->token_refreshed || fresh;
	job->token_awaited = true;
	token_get(&job->engine->tokens, &job->arena, job->post.account_id,
		  fresh ? job->token.version : 0, on_token, job, &job->transfer);
}

static int64_t quota_limit(const struct config *config, const char *kind)
{
	if (strcmp(kind, "init") == 0)
		return config->quota_init_per_minute;
	if (strcmp(kind, "creator_info") == 0)
		return config->quota_creator_info_per_minute;
	return config->quota_status_per_minute;
}

bool job_take_quota(struct job *job, const char *kind)
{
	struct engine *engine = job->engine;
	int64_t wait_seconds = 0;
	enum status st = quota_take(engine->tokens.db, &job->arena, job->post.account_id, kind,
				    quota_limit(engine->config, kind), &wait_seconds);
	if (st == STATUS_OK)
		return true;
	if (st != STATUS_CONFLICT) {
		job_ended_by(job, st);
		return false;
	}
	/* What is under way is not given up for a limit on questions: it sleeps where it is. */
	bool waiting = strcmp(job->post.state, "scheduled") == 0;
	bool sending = strcmp(job->post.state, "publishing") == 0;
	struct queue_move move = {
		.from = job->post.state,
		.to = job->post.state,
		.reason_code = waiting ? "rate_limit" : NULL,
		.reason_message =
			waiting ? "TikTok's limit of calls per minute is used up for this account."
				: NULL,
		.remedy_code = waiting ? "automatic" : NULL,
		.remedy_message =
			waiting ? "Nothing to do: it goes out at the next allowed moment." : NULL,
		.set_next_attempt = waiting,
		.next_attempt_seconds = wait_seconds,
		.next_check_seconds = waiting || sending ? QUEUE_NEVER : wait_seconds,
		.keep_leased = sending,
		.lease_seconds = wait_seconds,
	};
	job_move(job, &move);
	return false;
}

void job_move(struct job *job, const struct queue_move *move)
{
	enum status st = queue_move(job->engine->tokens.db, &job->arena, job->claim, move);
	if (job_ended_by(job, st))
		return;
	log_info("post_moved post=%" PRId64 " from=%s to=%s code=%s", job->post.id, move->from,
		 move->to, move->reason_code ? move->reason_code : "-");
	engine_moved(job->engine, move->from, move->to);
	job_end(job);
}

/* What closes an attempt of which no publish_id is known: no byte can have left (I4a). */
static const char *close_unknown(const struct job *job)
{
	return job->post.attempt_publish_id ? NULL : "never_known";
}

void job_hold(struct job *job, const char *code, const char *message, const char *remedy_code,
	      const char *remedy)
{
	job_move(job, &(struct queue_move){ .from = job->post.state,
					    .to = "held",
					    .reason_code = code,
					    .reason_message = message,
					    .remedy_code = remedy_code,
					    .remedy_message = remedy,
					    .next_check_seconds = QUEUE_NEVER,
					    .close_attempt = close_unknown(job) });
}

static bool is_following(const struct job *job)
{
	return strcmp(job->post.state, "scheduled") != 0 &&
	       strcmp(job->post.state, "publishing") != 0;
}

/* An upload that TikTok has not taken in full by now never will be: its address is dead (I2). */
static void end_old_upload(struct job *job)
{
	if (job->post.final_intent) {
		/* Its last byte may have gone out: from now on it is only asked about, without holding up others. */
		job_move(job,
			 &(struct queue_move){ .from = job->post.state,
					       .to = "processing",
					       .next_check_seconds = decide_next_check(0, 0) });
		return;
	}
	/* Its last byte never went out, and under this fence never will: it cannot publish (I4c). */
	job->post.attempt_publish_id = NULL;
	job_later(job, "address_expired");
}

/* In transfer with a publish_id: only ever resumed, so it sleeps as it is (I2). */
static void nap(struct job *job, int64_t seconds)
{
	if (job->post.attempt_age_s > JOB_UPLOAD_OVER_SECONDS) {
		end_old_upload(job);
		return;
	}
	job_move(job, &(struct queue_move){ .from = job->post.state,
					    .to = job->post.state,
					    .next_check_seconds = QUEUE_NEVER,
					    .is_error = true,
					    .keep_leased = true,
					    .lease_seconds = seconds });
}

static bool must_resume(const struct job *job)
{
	return strcmp(job->post.state, "publishing") == 0 && job->post.attempt_publish_id;
}

void job_later(struct job *job, const char *close_attempt)
{
	uint32_t random = token_random_u32();
	if (is_following(job)) {
		follow_on(job, 30);
		return;
	}
	int64_t delay = decide_backoff(job->post.errors, random);
	/* An attempt that TikTok knows is closed only by proof (I4), never for want of an answer. */
	if (!close_attempt && !job->post.attempt_publish_id)
		close_attempt = "unanswered";
	if (must_resume(job) && !close_attempt) {
		nap(job, delay);
		return;
	}
	if (job->post.errors + 1 >= DECIDE_MAX_ERRORS) {
		job_move(job,
			 &(struct queue_move){
				 .from = job->post.state,
				 .to = "held",
				 .reason_code = "tiktok_unavailable",
				 .reason_message = "TikTok did not answer after several tries.",
				 .remedy_code = "reschedule",
				 .remedy_message =
					 "Nothing was published. Choose a new time, or now.",
				 .next_check_seconds = QUEUE_NEVER,
				 .is_error = true,
				 .close_attempt = close_attempt });
		return;
	}
	job_move(job, &(struct queue_move){ .from = job->post.state,
					    .to = "scheduled",
					    .reason_code = "tiktok_unavailable",
					    .reason_message = "TikTok did not answer.",
					    .remedy_code = "automatic",
					    .remedy_message =
						    "Nothing to do: it is tried again by itself.",
					    .set_next_attempt = true,
					    .next_attempt_seconds = delay,
					    .next_check_seconds = QUEUE_NEVER,
					    .is_error = true,
					    .close_attempt = close_attempt });
}

static void account_must_reconnect(struct job *job, const struct tiktok_error *error)
{
	enum status st = account_token_lost(job->engine->tokens.db, &job->arena,
					    job->post.account_id, error->code);
	if (st != STATUS_OK)
		log_warn("account_not_marked account=%" PRId64, job->post.account_id);
}

/* Where a post goes that TikTok refused, by the verdict alone. */
static void conclude(struct job *job, const struct tiktok_error *error, struct decision decision,
		     const char *close_attempt)
{
	if (!close_attempt)
		close_attempt = close_unknown(job);
	struct queue_move move = {
		.from = job->post.state,
		.to = "held",
		.reason_code = error->code,
		.reason_message = error->meaning->cause,
		.remedy_code = error->meaning->remedy_code,
		.remedy_message = error->meaning->remedy,
		.next_check_seconds = QUEUE_NEVER,
		.close_attempt = close_attempt,
		.log_id = error->log_id,
	};
	switch (decision.verdict) {
	case VERDICT_LATER:
		move.is_error = true;
		/* fall through */
	case VERDICT_WAIT:
		if (must_resume(job) && !close_attempt) {
			nap(job, decision.delay_s);
			return;
		}
		move.to = "scheduled";
		move.set_next_attempt = true;
		move.next_attempt_seconds = decision.delay_s;
		break;
	case VERDICT_FAIL:
		move.to = "failed";
		break;
	case VERDICT_REFRESH:
	case VERDICT_RECONNECT:
	case VERDICT_HOLD:
		break;
	}
	job_move(job, &move);
}

void job_refused(struct job *job, const struct tiktok_error *error, const char *close_attempt,
		 job_step *repeat)
{
	struct decision decision =
		decide(error->meaning, job->post.errors, job->token_refreshed, token_random_u32());
	log_warn("call_refused post=%" PRId64 " account=%" PRId64 " call=%s http=%ld code=%s "
		 "remote_log=%s",
		 job->post.id, job->post.account_id, job->name ? job->name : "token",
		 error->http_status, error->code, error->log_id ? error->log_id : "-");
	if (decision.verdict == VERDICT_REFRESH && repeat) {
		job_with_token(job, /* fresh= */ true, repeat);
		return;
	}
	if (decision.verdict == VERDICT_RECONNECT || decision.verdict == VERDICT_REFRESH)
		account_must_reconnect(job, error);
	if (is_following(job))
		follow_on(job, 300);
	else
		conclude(job, error, decision, close_attempt);
}

void job_over(struct job *job, const struct tiktok_error *error)
{
	struct decision decision =
		decide(error->meaning, job->post.errors, true, token_random_u32());
	log_warn("post_failed_there post=%" PRId64 " account=%" PRId64 " code=%s", job->post.id,
		 job->post.account_id, error->code);
	if (decision.verdict == VERDICT_RECONNECT)
		account_must_reconnect(job, error);
	conclude(job, error, decision, "failed");
}
