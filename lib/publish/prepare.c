/*
 * Before the due second: token, creator_info and all checks that can be made early, so that at the
 * second itself only init remains (design 5 and 6, UX-37).
 */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "publish/engine.h"
#include "publish/job.h"
#include "store/creator_info.h"

/* ---------------------------------------------------------------- checks */

static const char *account_fault(const struct job *job)
{
	if (strcmp(job->post.account_state, "connected") != 0)
		return "reconnect";
	if (!tiktok_scope_has(job->post.scopes,
			      job_is_direct(job) ? "video.publish" : "video.upload"))
		return "scope_not_authorized";
	return NULL;
}

/* A comma-separated list of words is searched like one of scopes. */
static const char *choice_fault(const struct job *job)
{
	const struct queue_post *post = &job->post;
	if (!job_is_direct(job) || post->creator_info_age_s < 0)
		return NULL;
	/* A public account has this option, a private one has not (reference 3.1). */
	if (!job->engine->config->tiktok_audited &&
	    tiktok_scope_has(post->privacy_options, "PUBLIC_TO_EVERYONE"))
		return "unaudited_client_can_only_post_to_private_accounts";
	if (!tiktok_scope_has(post->privacy_options, post->privacy_level))
		return "privacy_level_option_mismatch";
	if (post->duration_ms > post->max_duration_s * 1000)
		return "duration_check_failed";
	return NULL;
}

const char *prepare_fault(const struct job *job)
{
	const char *fault = account_fault(job);
	if (!fault && (!job->post.file || !job->post.video_usable))
		fault = "video_missing";
	return fault ? fault : choice_fault(job);
}

static bool is_in_order(struct job *job)
{
	const char *fault = prepare_fault(job);
	if (fault)
		job_hold(job, fault,
			 strcmp(fault, "duration_check_failed") == 0
				 ? arena_printf(&job->arena,
						"The video is longer than the %" PRId64
						" seconds that TikTok allows for this account.",
						job->post.max_duration_s)
				 : NULL);
	return !fault;
}

/* The file as it was measured; a changed or missing one is not sent. */
static bool open_file(struct job *job)
{
	if (job_open_file(job, job->post.size) &&
	    chunk_plan_make(job->post.size, &job->plan) == STATUS_OK)
		return true;
	log_error("video_file_wrong post=%" PRId64, job->post.id);
	job_hold(job, "video_missing", NULL);
	return false;
}

/* ----------------------------------------------------------- creator_info */

static enum status store_creator_info(struct job *job, const struct tiktok_creator_info *info)
{
	struct queue_post *post = &job->post;
	char *options = arena_strdup(&job->arena, "");
	for (size_t i = 0; i < info->privacy_option_count; i++)
		options = arena_printf(&job->arena, "%s%s%s", options, i ? "," : "",
				       info->privacy_options[i]);
	post->privacy_options = options;
	post->comment_disabled = info->comment_disabled;
	post->duet_disabled = info->duet_disabled;
	post->stitch_disabled = info->stitch_disabled;
	post->max_duration_s = info->max_duration_s;
	post->creator_info_age_s = 0;
	enum status st = creator_info_store(
		job->engine->tokens.db, &job->arena,
		&(struct creator_info){ .account_id = post->account_id,
					.privacy_options = info->privacy_options,
					.privacy_option_count = info->privacy_option_count,
					.comment_disabled = info->comment_disabled,
					.duet_disabled = info->duet_disabled,
					.stitch_disabled = info->stitch_disabled,
					.max_duration_s = info->max_duration_s,
					.nickname = info->nickname,
					.username = info->username });
	if (*info->username)
		post->username = info->username;
	return st;
}

static void ask_creator_info(struct job *job);

static void on_creator_info(struct job *job, enum status st, const struct http_answer *answer)
{
	struct tiktok_creator_info info;
	struct tiktok_error error = { 0 };
	if (st == STATUS_OK)
		st = tiktok_creator_info_parse(&job->arena, answer, &info, &error);
	job_note(job, answer, error.code, error.log_id);
	FAILPOINT("creator_info_answered");
	if (st == STATUS_REFUSED)
		job_refused(job, &error, NULL, ask_creator_info);
	else if (st != STATUS_OK)
		job_later(job, NULL);
	else if (!job_ended_by(job, store_creator_info(job, &info)))
		job->creator_info_step(job);
}

static void ask_creator_info(struct job *job)
{
	if (!job_take_quota(job, "creator_info"))
		return;
	struct http_request request = tiktok_creator_info_request(job->engine->tokens.tiktok,
								  &job->arena, job->token.access);
	FAILPOINT("creator_info_before");
	job_ask(job, "creator_info", &request, on_creator_info);
}

void prepare_ask_creator_info(struct job *job, job_step *step)
{
	job->creator_info_step = step;
	job_with_token(job, /* fresh= */ false, ask_creator_info);
}

/* -------------------------------------------------------------- the wait */

/*
 * All is in order. What falls due in a moment is waited for; of anything else it is written down, so
 * that whoever takes it at its second has nothing left to ask.
 */
static void finish(struct job *job)
{
	struct queue_post *post = &job->post;
	/* An interaction that the creator has disabled since is sent as disabled (UX-37). */
	if (job_is_direct(job)) {
		post->allow_comment = post->allow_comment && !post->comment_disabled;
		post->allow_duet = post->allow_duet && !post->duet_disabled;
		post->allow_stitch = post->allow_stitch && !post->stitch_disabled;
	}
	if (!job->engine->once &&
	    job->due_at_ms - clock_now_ms() > ENGINE_HORIZON_S * INT64_C(1000)) {
		FAILPOINT("prepared_before");
		job_move(job, &(struct queue_move){ .to = "scheduled",
						    .next_check_seconds = QUEUE_NEVER,
						    .is_prepared = true });
		return;
	}
	/* due_in_ms was measured at the claim by the database's clock. */
	job_at(job, job->engine->once ? clock_now_ms() : job->due_at_ms, transfer_begin);
}

static void check_again(struct job *job)
{
	if (is_in_order(job))
		finish(job);
}

static bool has_token(struct job *job)
{
	return job->post.is_token_fresh && job->post.access_sealed &&
	       token_open(&job->engine->tokens, &job->arena, job->post.account_id,
			  job->post.token_version, job->post.access_sealed,
			  &job->token) == STATUS_OK;
}

void prepare_begin(struct job *job)
{
	struct queue_post *post = &job->post;
	job->due_at_ms = clock_now_ms() + post->due_in_ms;
	if (post->attempt_publish_id && account_fault(job) == NULL) {
		/* An upload is under way: it is gone on with, not begun anew. */
		finish(job);
		return;
	}
	if (post->late_s > job->engine->config->publisher_late_minutes * 60) {
		job_hold(job, "missed", NULL);
		return;
	}
	if (post->blocked_code) {
		/* TikTok has refused the like a moment ago: there is nothing to ask it. */
		job_wait(job, post->blocked_code, post->blocked_s);
		return;
	}
	/* What TikTok said of the account counts only when it is asked for this post. */
	bool is_known = post->is_prepared && post->creator_info_age_s >= 0 &&
			post->creator_info_age_s < 5 * 60;
	if (!is_known)
		post->creator_info_age_s = -1;
	if (!is_in_order(job) || !open_file(job))
		return;
	/* creator_info belongs to direct posts: a draft's scope does not open it (3.1). */
	if ((is_known || !job_is_direct(job)) && has_token(job))
		finish(job);
	else if (job_is_direct(job))
		prepare_ask_creator_info(job, check_again);
	else
		job_with_token(job, /* fresh= */ false, finish);
}
