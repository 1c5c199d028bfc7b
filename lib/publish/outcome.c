/* Where a post goes when a step can not go on: by the class of the answer, and by what has left already. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/token.h"
#include "base/words.h"
#include "publish/batch.h"
#include "publish/decide.h"
#include "publish/engine.h"
#include "publish/job.h"
#include "publish/outage.h"
#include "store/account_token.h"
#include "store/quota.h"

enum {
	EARLY_PAUSE_S = 20,	 /* between tries to prepare a post */
	WATCH_SECONDS = 10 * 60, /* until a held post is looked at again */
};

static void on_moved(struct job *job, enum status st)
{
	const struct queue_move *move = &job->move;
	if (job_ended_by(job, st))
		return;
	if (!move->is_prepared)
		log_info("post_moved post=%" PRId64 " from=%s to=%s code=%s", job->post.id,
			 move->from, move->to, move->reason_code ? move->reason_code : "-");
	engine_moved(job->engine, move->from, move->to);
	job_end(job);
}

void job_move(struct job *job, const struct queue_move *move)
{
	struct queue_move mine = *move;
	mine.id = job->claim.id;
	mine.fence = job->claim.fence;
	mine.from = job->post.state;
	batch_move(job, &mine, on_moved);
}

/* What closes an attempt of which no publish_id is known: no byte can have left (I4a). */
static const char *close_unknown(const struct job *job)
{
	return job->post.attempt_publish_id ? NULL : "never_known";
}

/* Held for something that may change by itself: it is looked at again, and goes on when it has. */
static bool may_pass(const char *code)
{
	static const char *const codes[] = {
		"privacy_level_option_mismatch",
		"unaudited_client_can_only_post_to_private_accounts",
		"tiktok_unavailable",
		"invalid_client",
		"unauthorized_client",
		"url_ownership_unverified",
	};
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		if (strcmp(codes[i], code) == 0)
			return true;
	}
	return false;
}

static void hold(struct job *job, struct queue_move move)
{
	move.to = "held";
	move.next_check_seconds = QUEUE_NEVER;
	if (may_pass(move.reason_code))
		move.preflight_seconds = WATCH_SECONDS;
	job_move(job, &move);
}

void job_hold(struct job *job, const char *code, const char *message)
{
	const struct words *words = words_find(code);
	/* Our own finding, not TikTok's of the file: the account's limit may be raised. */
	bool is_account_limit = strcmp(code, "duration_check_failed") == 0;
	hold(job, (struct queue_move){ .reason_code = code,
				       .preflight_seconds = is_account_limit ? WATCH_SECONDS : 0,
				       .reason_message = message ? message : words->cause.en,
				       .remedy_code = words->remedy_code,
				       .remedy_message = words->next.en,
				       .close_attempt = close_unknown(job) });
}

static bool is_following(const struct job *job)
{
	return !job_is_in(job, "scheduled") && !job_is_in(job, "publishing");
}

/* An upload that TikTok has not taken in full by now never will be: its address is dead (I2). */
static void end_old_upload(struct job *job)
{
	if (job->post.final_intent) {
		/* Its last byte may have gone out: from now on it is only asked about, without holding up others. */
		job_move(job,
			 &(struct queue_move){ .to = "processing",
					       .next_check_seconds = decide_next_check(0, 0) });
		return;
	}
	/* Its last byte never went out, and under this fence never will: it cannot publish (I4c). */
	job->post.attempt_publish_id = NULL;
	job_later(job, "address_expired");
}

/* In transfer with a publish_id: only ever resumed, so it sleeps as it is (I2). */
static void nap(struct job *job, int64_t seconds, bool is_error)
{
	if (job->post.attempt_age_s > JOB_UPLOAD_OVER_SECONDS) {
		end_old_upload(job);
		return;
	}
	job_move(job, &(struct queue_move){ .to = job->post.state,
					    .next_check_seconds = QUEUE_NEVER,
					    .is_error = is_error,
					    .keep_leased = true,
					    .lease_seconds = seconds });
}

/* Before its second nothing is lost yet: the next try comes in a moment, at the latest at that second. */
static void try_early_again(struct job *job, int64_t seconds)
{
	int64_t left_s = (job->due_at_ms - clock_now_ms()) / 1000 - 1;
	if (seconds > left_s)
		seconds = left_s > 0 ? left_s : 0;
	job_move(job, &(struct queue_move){ .to = "scheduled",
					    .next_check_seconds = QUEUE_NEVER,
					    .keep_leased = true,
					    .lease_seconds = seconds });
}

static bool must_resume(const struct job *job)
{
	return job_is_in(job, "publishing") && job->post.attempt_publish_id;
}

static struct queue_move scheduled_with(const char *code)
{
	const struct words *words = words_find(code);
	return (struct queue_move){ .to = "scheduled",
				    .reason_code = code,
				    .reason_message = words->cause.en,
				    .remedy_code = "automatic",
				    .remedy_message = words->next.en,
				    .next_check_seconds = QUEUE_NEVER };
}

/* A look ahead that could not be made is made later; a held post stays as it is. */
static bool leave_preflight(struct job *job)
{
	if (!job->is_preflight)
		return false;
	job_stop(job);
	return true;
}

void job_wait(struct job *job, const char *code, int64_t seconds)
{
	if (leave_preflight(job))
		return;
	if (is_following(job)) {
		job_move(job, &(struct queue_move){ .to = job->post.state,
						    .next_check_seconds = seconds });
	} else if (must_resume(job)) {
		/* What is under way is not given up for a limit on questions: it sleeps where it is. */
		nap(job, seconds, /* is_error= */ false);
	} else if (job_is_early(job) && seconds <= 60) {
		try_early_again(job, seconds);
	} else {
		struct queue_move move = scheduled_with(code);
		move.set_next_attempt = true;
		move.next_attempt_seconds = seconds;
		/* A limit moves its time; a missing key is no reason to go out at an odd hour. */
		move.late_from_there = strcmp(code, "token_key_unknown") != 0;
		move.close_attempt = close_unknown(job);
		job_move(job, &move);
	}
}

/* While TikTok is down the queue waits; it stays due, so that it goes on in its order. */
static void wait_out(struct job *job, const char *close_attempt)
{
	if (must_resume(job) && !close_attempt) {
		nap(job, job->engine->config->publisher_probe_seconds, /* is_error= */ false);
		return;
	}
	struct queue_move move = scheduled_with("tiktok_down");
	move.is_no_attempt = true;
	move.close_attempt = close_attempt;
	job_move(job, &move);
}

void job_later(struct job *job, const char *close_attempt)
{
	if (leave_preflight(job))
		return;
	if (is_following(job)) {
		follow_on(job, 30);
		return;
	}
	if (job_is_early(job)) {
		try_early_again(job, EARLY_PAUSE_S);
		return;
	}
	/* An attempt that TikTok knows is closed only by proof (I4), never for want of an answer. */
	if (!close_attempt && !job->post.attempt_publish_id)
		close_attempt = "unanswered";
	outage_tell(job->engine->outage, job->engine);
	if (outage_is_open(job->engine->outage)) {
		wait_out(job, close_attempt);
		return;
	}
	int64_t delay = decide_backoff(job->post.errors, token_random_u32());
	if (must_resume(job) && !close_attempt) {
		nap(job, delay, /* is_error= */ true);
		return;
	}
	if (job->post.errors + 1 >= DECIDE_MAX_ERRORS) {
		hold(job,
		     (struct queue_move){
			     .reason_code = "tiktok_unavailable",
			     .reason_message = "TikTok did not answer after several tries.",
			     .remedy_code = "reschedule",
			     .remedy_message = "Nothing was published. Choose a new time, or now.",
			     .is_error = true,
			     .close_attempt = close_attempt });
		return;
	}
	struct queue_move move = scheduled_with("tiktok_unavailable");
	move.set_next_attempt = true;
	move.next_attempt_seconds = delay;
	move.is_error = true;
	move.close_attempt = close_attempt;
	job_move(job, &move);
}

/* ------------------------------------------------------------- refusals */

static void account_must_reconnect(struct job *job, const struct tiktok_error *error)
{
	enum status st = account_token_lost(job->engine->tokens.db, &job->arena,
					    job->post.account_id, error->code);
	if (st != STATUS_OK)
		log_warn("account_not_marked account=%" PRId64, job->post.account_id);
}

/* A limit that the ledger did not know: until its time no publisher runs into it again. */
static void learn(struct job *job, const struct tiktok_error *error)
{
	static const struct {
		const char *code, *kind;
		bool whole_app;
	} lessons[] = {
		{ "spam_risk_too_many_posts", "direct", false },
		{ "spam_risk_too_many_pending_share", "draft", false },
		{ "reached_active_user_cap", "active", true },
	};
	const char *kind = NULL;
	bool whole_app = false;
	for (size_t i = 0; i < ARRAY_SIZE(lessons); i++) {
		if (strcmp(lessons[i].code, error->code) == 0) {
			kind = lessons[i].kind;
			whole_app = lessons[i].whole_app;
		}
	}
	if (strcmp(error->code, "rate_limit_exceeded") == 0 && job->name) {
		if (strcmp(job->name, "creator_info") == 0 || strcmp(job->name, "status") == 0)
			kind = job->name;
		else if (strcmp(job->name, "init") == 0 || strcmp(job->name, "inbox_init") == 0)
			kind = "init";
	}
	if (!kind)
		return;
	enum status st = quota_learn(job->engine->tokens.db, &job->arena,
				     whole_app ? 0 : job->post.account_id, kind, error->code,
				     error->meaning->wait_seconds);
	log_info("limit_learned account=%" PRId64 " kind=%s code=%s seconds=%d status=%s",
		 job->post.account_id, kind, error->code, error->meaning->wait_seconds,
		 status_name(st));
}

/* Where a post goes that TikTok refused, by the verdict alone. */
static void conclude(struct job *job, const struct tiktok_error *error, struct decision decision,
		     const char *close_attempt)
{
	if (!close_attempt)
		close_attempt = close_unknown(job);
	struct queue_move move = {
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
	case VERDICT_WAIT:
		move.is_error = decision.verdict == VERDICT_LATER;
		if (must_resume(job) && !close_attempt) {
			nap(job, decision.delay_s, move.is_error);
			return;
		}
		move.to = "scheduled";
		move.set_next_attempt = true;
		move.next_attempt_seconds = decision.delay_s;
		move.late_from_there = decision.verdict == VERDICT_WAIT;
		job_move(job, &move);
		return;
	case VERDICT_FAIL:
		move.to = "failed";
		job_move(job, &move);
		return;
	case VERDICT_REFRESH:
	case VERDICT_RECONNECT:
	case VERDICT_HOLD:
		hold(job, move);
		return;
	}
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
	learn(job, error);
	if (job->is_preflight && preflight_refused(job, error))
		return;
	if (leave_preflight(job))
		return;
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
	learn(job, error);
	conclude(job, error, decision, "failed");
}
