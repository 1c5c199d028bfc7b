/* To the end: what became of a post that TikTok has (design 1, 4 and 5; reference 3.7). */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/words.h"
#include "publish/decide.h"
#include "publish/engine.h"
#include "publish/job.h"
#include "publish/link.h"
#include "store/link.h"

enum { LINK_PATIENCE_S = 2 * 60 };

static void ask(struct job *job);

/* The next question, QUEUE_NEVER when the time for questions is over. */
static int64_t next_check(const struct job *job)
{
	int64_t delay = decide_next_check(job->post.checks, job->post.sent_age_s);
	return delay < 0 ? QUEUE_NEVER : delay;
}

static void stay(struct job *job, int64_t delay)
{
	job_move(job, &(struct queue_move){ .to = job_is_in(job, "publishing") ? "processing"
									       : job->post.state,
					    .next_check_seconds = delay });
}

/* Nobody knows what became of it. Whatever TikTok says later still settles it. */
static void unknown(struct job *job, const char *message, int64_t delay)
{
	const struct words *words = words_find("outcome_unknown");
	job_move(job, &(struct queue_move){ .to = "held",
					    .reason_code = words->code,
					    .reason_message = message,
					    .remedy_code = words->remedy_code,
					    .remedy_message = words->next.en,
					    .next_check_seconds = delay });
}

void follow_on(struct job *job, int64_t least_s)
{
	int64_t delay = next_check(job);
	bool settled = job_is_in(job, "delivered") || job_is_in(job, "published") ||
		       job_is_in(job, "held");
	if (delay == QUEUE_NEVER && !settled)
		unknown(job, "TikTok has not said for 72 hours whether this was published.", delay);
	else
		stay(job, delay != QUEUE_NEVER && delay < least_s ? least_s : delay);
}

/* TikTok says that bytes are missing, for longer than it takes any. */
static bool is_incomplete(const struct job *job, const struct tiktok_status *status)
{
	return job_is_in(job, "processing") && job->post.sent_age_s > JOB_UPLOAD_OVER_SECONDS &&
	       status->uploaded_bytes >= 0 && status->uploaded_bytes < job->post.bytes_total;
}

static bool is_public(const struct job *job)
{
	return strcmp(job->post.privacy_level, "PUBLIC_TO_EVERYONE") == 0;
}

/* Published, whatever else is known. The id comes after moderation, and only to public posts; it is waited for, not needed. */
static void settle(struct job *job, bool has_id)
{
	/* What its creator makes of a draft is not known here, so its id is asked for as well. */
	bool settled = has_id || (job_is_direct(job) && !is_public(job));
	job_move(job, &(struct queue_move){ .to = "published",
					    .next_check_seconds =
						    settled ? QUEUE_NEVER : next_check(job),
					    .close_attempt = "published" });
}

static void published_as(struct job *job, const char *const *ids, size_t count)
{
	struct arena *arena = &job->arena;
	const char *url =
		*job->post.username ? tiktok_public_url(arena, job->post.username, ids[0]) : NULL;
	enum status st = queue_public(job->engine->tokens.db, arena, job->claim.id,
				      job->claim.fence, ids, count, url);
	if (!job_ended_by(job, st))
		settle(job, /* has_id= */ true);
}

/* ------------------------------------------------------- a link without an id */

static const struct tiktok_video *find_video(struct job *job, const struct tiktok_video_list *list)
{
	struct arena *arena = &job->arena;
	struct db *db = job->engine->tokens.db;
	struct link_post post = { .caption = job->post.caption, .sent_at = job->post.sent_at_unix };
	const char **ids = arena_alloc(arena, (list->count + 1) * sizeof(*ids));
	const char **taken = NULL;
	for (size_t i = 0; i < list->count; i++)
		ids[i] = list->videos[i].id;
	if (link_taken(db, arena, job->post.id, ids, list->count, &taken, &post.taken_count) !=
		    STATUS_OK ||
	    link_has_rival(db, arena, job->post.id, &post.has_rival) != STATUS_OK)
		return NULL;
	post.taken = taken;
	return link_find(arena, list, &post);
}

static void on_video_list(struct job *job, enum status st, const struct http_answer *answer)
{
	struct tiktok_video_list list = { 0 };
	struct tiktok_error error = { 0 };
	const struct tiktok_video *video = NULL;
	FAILPOINT("video_list_answered");
	if (st == STATUS_OK)
		st = tiktok_video_list_parse(&job->arena, answer, &list, &error);
	job_note(job, answer, error.code, error.log_id);
	if (st == STATUS_OK)
		video = find_video(job, &list);
	/* It is an extra: whatever is wrong with it, the post is published. */
	if (video)
		published_as(job, (const char *const[]){ video->id }, 1);
	else
		settle(job, /* has_id= */ false);
}

/* Neither status nor webhook has told the id for some minutes: the creator's list may show the video (F3). */
static bool may_look_for_link(const struct job *job)
{
	return job_is_in(job, "published") && job_is_direct(job) && is_public(job) &&
	       job->post.sent_age_s > LINK_PATIENCE_S &&
	       tiktok_scope_has(job->post.scopes, "video.list");
}

static void ask_video_list(struct job *job)
{
	struct http_request request = tiktok_video_list_request(job->engine->tokens.tiktok,
								&job->arena, job->token.access);
	FAILPOINT("video_list_before");
	job_ask(job, "video_list", &request, on_video_list);
}

static void published(struct job *job, const struct tiktok_status *status)
{
	FAILPOINT("published_before");
	if (status->public_id_count > 0)
		published_as(job, status->public_ids, status->public_id_count);
	else if (may_look_for_link(job))
		ask_video_list(job);
	else
		settle(job, /* has_id= */ false);
}

static void delivered(struct job *job)
{
	job_move(job, &(struct queue_move){ .to = "delivered",
					    .next_check_seconds = next_check(job),
					    .close_attempt = "delivered" });
}

/* The status can not tell any more, but TikTok has said it before, in a signed webhook. */
static bool was_told(struct job *job)
{
	const char *told = job->post.told;
	if (told && strcmp(told, "post.publish.complete") == 0)
		settle(job, /* has_id= */ job->post.public_id_count > 0);
	else if (told && strcmp(told, "post.publish.inbox_delivered") == 0 &&
		 !job_is_in(job, "published"))
		delivered(job);
	else
		return false;
	return true;
}

static void failed(struct job *job, const struct tiktok_status *status)
{
	const struct tiktok_meaning *meaning = tiktok_meaning(status->fail_reason);
	struct tiktok_error error = { .code = status->fail_reason,
				      .http_status = 200,
				      .meaning = meaning };
	/* TikTok's own word that it will never publish this upload: the attempt is over. */
	job->post.attempt_publish_id = NULL;
	if (job_is_in(job, "delivered") || job_is_in(job, "published")) {
		job_move(job, &(struct queue_move){ .to = "failed",
						    .reason_code = error.code,
						    .reason_message = meaning->cause,
						    .remedy_code = meaning->remedy_code,
						    .remedy_message = meaning->remedy,
						    .next_check_seconds = QUEUE_NEVER,
						    .close_attempt = "failed" });
		return;
	}
	job_over(job, &error);
}

void follow_answer(struct job *job, const struct tiktok_status *status)
{
	switch (status->status) {
	case TIKTOK_PROCESSING_UPLOAD:
		if (is_incomplete(job, status)) {
			unknown(job,
				"The upload broke off at its very end; TikTok says that it is not "
				"complete.",
				next_check(job));
			return;
		}
		/* fall through */
	case TIKTOK_PROCESSING_DOWNLOAD:
	case TIKTOK_STATUS_UNKNOWN:
		follow_on(job, 0);
		return;
	case TIKTOK_SEND_TO_USER_INBOX:
		delivered(job);
		return;
	case TIKTOK_PUBLISH_COMPLETE:
		published(job, status);
		return;
	case TIKTOK_FAILED:
		failed(job, status);
		return;
	}
}

static void on_status(struct job *job, enum status st, const struct http_answer *answer)
{
	struct tiktok_status status;
	struct tiktok_error error = { 0 };
	FAILPOINT("follow_answered");
	if (st == STATUS_OK)
		st = tiktok_status_parse(&job->arena, answer, &status, &error);
	job_note(job, answer, st == STATUS_OK ? status.word : error.code, error.log_id);
	if (st == STATUS_OK)
		follow_answer(job, &status);
	else if (st == STATUS_REFUSED && error.meaning->class != TIKTOK_REFRESH && was_told(job))
		return;
	else if (st == STATUS_REFUSED)
		job_refused(job, &error, NULL, ask);
	else
		job_later(job, NULL);
}

static void ask(struct job *job)
{
	if (!job_take_quota(job, "status"))
		return;
	struct http_request request = tiktok_status_request(
		job->engine->tokens.tiktok, &job->arena, job->token.access, job->post.publish_id);
	FAILPOINT("follow_before");
	job_ask(job, "status", &request, on_status);
}

void follow_begin(struct job *job)
{
	if (!job->post.publish_id) {
		log_error("nothing_to_follow post=%" PRId64, job->post.id);
		follow_on(job, 0);
		return;
	}
	job_with_token(job, /* fresh= */ false, ask);
}
