/*
 * Before the due second: token, creator_info and all checks that can be made early, so that at the
 * second itself only init remains (design 5 and 6, UX-37).
 */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "publish/engine.h"
#include "publish/job.h"
#include "queries.h"
#include "store/db.h"

static void ask_creator_info(struct job *job);

/* The file as it was measured; a changed or missing one is not sent. */
static bool open_file(struct job *job)
{
	struct stat about;
	if (!job->post.file || !job->post.video_usable) {
		job_hold(job, "video_missing", "The video of this post is no longer there.",
			 "replace_video",
			 "Choose another video for this post and schedule it again.");
		return false;
	}
	job->file =
		openat(job->engine->media_dir, job->post.file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (job->file >= 0 && fstat(job->file, &about) == 0 && about.st_size == job->post.size &&
	    chunk_plan_make(job->post.size, &job->plan) == STATUS_OK)
		return true;
	log_error("video_file_wrong post=%" PRId64, job->post.id);
	job_hold(job, "video_missing", "The video's file is missing or damaged on this site.",
		 "replace_video", "Upload the video again and use it in this post.");
	return false;
}

static bool is_direct(const struct job *job)
{
	return strcmp(job->post.mode, "direct") == 0;
}

static bool account_can_post(struct job *job)
{
	const char *scope = is_direct(job) ? "video.publish" : "video.upload";
	if (strcmp(job->post.account_state, "connected") != 0) {
		job_hold(job, "reconnect", "TikTok no longer accepts this connection.", "reconnect",
			 "Reconnect the TikTok account; the post then goes on by itself.");
		return false;
	}
	if (!tiktok_scope_has(job->post.scopes, scope)) {
		job_hold(job, "scope_not_authorized",
			 is_direct(job)
				 ? "The creator has not granted the permission to post."
				 : "The creator has not granted the permission to upload drafts.",
			 "reconnect",
			 "Reconnect the TikTok account and leave all permissions ticked.");
		return false;
	}
	return true;
}

static bool option_allowed(const struct job *job)
{
	for (size_t i = 0; i < job->creator.privacy_option_count; i++) {
		if (strcmp(job->creator.privacy_options[i], job->post.privacy_level) == 0)
			return true;
	}
	return false;
}

/* The stored choice must still be allowed; an interaction disabled since then is sent as disabled. */
static bool choice_still_allowed(struct job *job)
{
	if (!option_allowed(job)) {
		const struct tiktok_meaning *meaning =
			tiktok_meaning("privacy_level_option_mismatch");
		job_hold(job, meaning->code, meaning->cause, meaning->remedy_code, meaning->remedy);
		return false;
	}
	if (job->post.duration_ms > job->creator.max_duration_s * 1000) {
		job_hold(job, "duration_check_failed",
			 arena_printf(&job->arena,
				      "The video is longer than the %" PRId64
				      " seconds that TikTok allows for this account.",
				      job->creator.max_duration_s),
			 "replace_video", "Upload a shorter video and use it in this post.");
		return false;
	}
	job->post.allow_comment = job->post.allow_comment && !job->creator.comment_disabled;
	job->post.allow_duet = job->post.allow_duet && !job->creator.duet_disabled;
	job->post.allow_stitch = job->post.allow_stitch && !job->creator.stitch_disabled;
	return true;
}

static void wait_for_second(struct job *job)
{
	/* due_in_ms was measured at the claim by the database's clock. */
	job_at(job, job->engine->once ? engine_now_ms() : job->due_at_ms, transfer_begin);
}

static void on_creator_info(struct job *job, enum status st, const struct http_answer *answer)
{
	struct tiktok_error error;
	if (st == STATUS_OK)
		st = tiktok_creator_info_parse(&job->arena, answer, &job->creator, &error);
	else
		error = (struct tiktok_error){ 0 };
	job_note(job, answer, error.code, error.log_id);
	FAILPOINT("creator_info_answered");
	if (st == STATUS_REFUSED) {
		job_refused(job, &error, NULL, ask_creator_info);
		return;
	}
	if (st != STATUS_OK) {
		job_later(job, NULL);
		return;
	}
	st = db_run(job->engine->tokens.db, account_profile_sql,
		    PARAMS(param_int(&job->arena, job->post.account_id), job->creator.nickname,
			   job->creator.username));
	if (st != STATUS_OK && st != STATUS_NOT_FOUND) {
		job_ended_by(job, st);
		return;
	}
	if (choice_still_allowed(job))
		wait_for_second(job);
}

static void ask_creator_info(struct job *job)
{
	if (!job_take_quota(job, "creator_info"))
		return;
	struct http_request request = tiktok_creator_info_request(job->engine->tokens.tiktok,
								  &job->arena, job->token.access);
	FAILPOINT("creator_info_before");
	job_send(job, "creator_info", &request, on_creator_info);
}

static void with_token(struct job *job)
{
	/* creator_info belongs to direct posts: a draft's scope does not open it (3.1). */
	if (is_direct(job))
		ask_creator_info(job);
	else
		wait_for_second(job);
}

void prepare_begin(struct job *job)
{
	int64_t late_ms = -job->post.due_in_ms;
	job->due_at_ms = engine_now_ms() + job->post.due_in_ms;
	if (late_ms > job->engine->config->publisher_late_minutes * 60 * 1000) {
		job_hold(job, "missed", "Its time passed while this site could not send it.",
			 "reschedule", "Choose a new time, or now.");
		return;
	}
	if (!account_can_post(job) || !open_file(job))
		return;
	if (job->post.attempt_publish_id) {
		/* An upload is under way: it is gone on with, not begun anew. */
		wait_for_second(job);
		return;
	}
	job_with_token(job, /* fresh= */ false, with_token);
}
