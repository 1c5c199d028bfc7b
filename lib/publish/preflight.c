/*
 * Long before its time (at saving, a day and an hour before) a post is held against all that is known:
 * what would fail is told while there is time to act. A held post is looked at again the same way, and
 * goes on by itself when what stood against it is gone.
 */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/words.h"
#include "publish/engine.h"
#include "publish/job.h"
#include "remote/tiktok_error.h"
#include "store/preflight.h"

enum {
	CREATOR_INFO_AGE_S = 5 * 60, /* asked so lately it is not asked again */
	LOOK_AGAIN_S = 30 * 60,	     /* at a held post */
};

static void warn_of(struct job *job, const char *code)
{
	if (code && *code)
		log_info("post_warned post=%" PRId64 " code=%s", job->post.id, code);
	const struct words *words = code ? words_find(code) : NULL;
	FAILPOINT("preflight_done_before");
	enum status st = preflight_done(job->engine->tokens.db, &job->arena, job->claim, words,
					code, job->post.warning_code);
	if (!job_ended_by(job, st))
		job_end(job);
}

/* What would stand against it at its time. */
static const char *foresee(struct job *job)
{
	const char *fault = prepare_fault(job);
	if (fault)
		return fault;
	if (job->post.refresh_ends_first)
		return "refresh_ends_soon";
	int64_t planned = 0;
	if (job_is_direct(job) &&
	    preflight_day_count(job->engine->tokens.db, &job->arena, job->post.id, &planned) ==
		    STATUS_OK &&
	    planned >= job->engine->config->quota_direct_per_day)
		return "quota_ahead";
	return NULL;
}

static bool is_too_late(const struct job *job)
{
	return job->post.late_s > job->engine->config->publisher_late_minutes * 60;
}

/* An app that TikTok has not audited posts to private accounts only, whatever our settings say of it. */
static bool is_still_public(const struct job *job)
{
	const char *unaudited = "unaudited_client_can_only_post_to_private_accounts";
	return job->post.reason_code && strcmp(job->post.reason_code, unaudited) == 0 &&
	       tiktok_scope_has(job->post.privacy_options, "PUBLIC_TO_EVERYONE");
}

static void go_on_or_stay(struct job *job)
{
	/* Its time is over: from now on only its user can tell it another one. */
	if (is_too_late(job)) {
		job_move(job, &(struct queue_move){ .to = "held",
						    .next_check_seconds = QUEUE_NEVER,
						    .stop_preflight = true });
		return;
	}
	if (prepare_fault(job) || is_still_public(job)) {
		job_move(job, &(struct queue_move){ .to = "held",
						    .next_check_seconds = QUEUE_NEVER,
						    .preflight_seconds = LOOK_AGAIN_S });
		return;
	}
	log_info("post_goes_on post=%" PRId64 " was=%s", job->post.id,
		 job->post.reason_code ? job->post.reason_code : "-");
	job_move(job, &(struct queue_move){ .to = "scheduled",
					    .set_next_attempt = true,
					    .next_attempt_seconds = 0,
					    .next_check_seconds = QUEUE_NEVER });
}

static void judge(struct job *job)
{
	if (job_is_in(job, "held"))
		go_on_or_stay(job);
	else
		warn_of(job, foresee(job));
}

bool preflight_refused(struct job *job, const struct tiktok_error *error)
{
	enum tiktok_class class = error->meaning->class;
	bool lasts = class == TIKTOK_USER || class == TIKTOK_OPERATOR ||
		     class == TIKTOK_PERMANENT ||
		     (class == TIKTOK_WAIT && strcmp(error->code, "rate_limit_exceeded") != 0);
	if (!job_is_in(job, "scheduled") || !lasts)
		return false;
	warn_of(job, error->code);
	return true;
}

void preflight_begin(struct job *job)
{
	job->due_at_ms = clock_now_ms() + job->post.due_in_ms;
	bool asks = job_is_direct(job) && strcmp(job->post.account_state, "connected") == 0 &&
		    !(job_is_in(job, "held") && is_too_late(job)) &&
		    tiktok_scope_has(job->post.scopes, "video.publish");
	bool is_young = job->post.creator_info_age_s >= 0 &&
			job->post.creator_info_age_s < CREATOR_INFO_AGE_S;
	/* A held post waits for a change: an answer from before it would not show it. */
	if (asks && (!is_young || job_is_in(job, "held")))
		prepare_ask_creator_info(job, judge);
	else
		judge(job);
}
