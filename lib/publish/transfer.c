/*
 * Init and the chunks. The rule that makes a post go out exactly once: TikTok can publish nothing
 * before it has the last byte, and no byte is sent before the publish_id is durable (design 5).
 */
#include <inttypes.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/secretbox.h"
#include "publish/decide.h"
#include "publish/engine.h"
#include "publish/job.h"
#include "store/db.h"

enum { CHUNK_TRIES = 6, SLOT_RETRY_MS = 500 };

static void send_init(struct job *job);
static void send_chunk(struct job *job);
static void ask_status(struct job *job);

static struct secretbox_place address_place(const struct job *job)
{
	return (struct secretbox_place){ .kind = SECRETBOX_UPLOAD_ADDRESS,
					 .account_id = job->post.account_id,
					 .row_id = job->post.attempt_id };
}

/* All bytes are there, or may be: from now on TikTok is only asked. */
static void move_to_processing(struct job *job)
{
	job_move(job, &(struct queue_move){ .from = "publishing",
					    .to = "processing",
					    .next_check_seconds = decide_next_check(0, 0) });
}

/* This attempt can never publish (I4): its address is dead and TikTok lacks bytes. A new one may begin. */
static void give_up_attempt(struct job *job, const char *outcome)
{
	job->post.attempt_publish_id = NULL;
	job_later(job, outcome);
}

/* ------------------------------------------------------------------ init */

static void opened(struct job *job, const struct tiktok_init *init)
{
	struct arena *arena = &job->arena;
	const char *sealed;
	if (!tiktok_upload_url_is_safe(job->engine->tokens.tiktok, arena, init->upload_url.bytes)) {
		log_error("upload_address_refused post=%" PRId64, job->post.id);
		job_move(job,
			 &(struct queue_move){
				 .from = "publishing",
				 .to = "held",
				 .reason_code = "upload_address_refused",
				 .reason_message =
					 "TikTok named an upload address that is not TikTok's.",
				 .remedy_code = "operator",
				 .remedy_message = "The operator must look at the log; nothing "
						   "was sent.",
				 .next_check_seconds = QUEUE_NEVER,
				 .close_attempt = "address_refused" });
		return;
	}
	secretbox_seal(arena, job->engine->tokens.keys, address_place(job), init->upload_url,
		       &sealed);
	FAILPOINT("opened_before");
	enum status st = queue_opened(job->engine->tokens.db, arena, job->claim,
				      job->post.attempt_id, init->publish_id, sealed);
	FAILPOINT("opened");
	if (job_ended_by(job, st))
		return;
	job->post.attempt_publish_id = init->publish_id;
	job->upload_url = init->upload_url;
	job->chunk = 0;
	send_chunk(job);
}

static void on_init(struct job *job, enum status st, const struct http_answer *answer)
{
	struct tiktok_init init;
	struct tiktok_error error = { 0 };
	FAILPOINT("init_answered");
	if (st == STATUS_OK)
		st = tiktok_init_parse(&job->arena, answer, &init, &error);
	job_note(job, answer, error.code, error.log_id);
	if (st == STATUS_OK)
		opened(job, &init);
	else if (st == STATUS_REFUSED)
		job_refused(job, &error, "refused", send_init);
	else
		/* Lost or unclear: no byte has left, so this attempt cannot publish (I4a). */
		job_later(job, "unanswered");
}

/* The call itself; the attempt's intent is durable. */
static void send_init(struct job *job)
{
	const struct queue_post *post = &job->post;
	struct tiktok_post what = {
		.draft = strcmp(post->mode, "draft") == 0,
		.caption = post->caption,
		.privacy_level = post->privacy_level,
		.allow_comment = post->allow_comment,
		.allow_duet = post->allow_duet,
		.allow_stitch = post->allow_stitch,
		.your_brand = post->your_brand,
		.branded_content = post->branded_content,
		.is_aigc = post->is_aigc,
		.cover_ms = post->cover_ms,
		.video_size = job->plan.total,
		.chunk_size = job->plan.size,
		.chunk_count = job->plan.count,
	};
	struct http_request request = tiktok_init_request(job->engine->tokens.tiktok, &job->arena,
							  job->token.access, &what);
	FAILPOINT("init_before");
	job_send(job, what.draft ? "inbox_init" : "init", &request, on_init);
}

/* At the post's second: state, intent, then the call. */
static void start(struct job *job)
{
	if (!job->init_counted && !job_take_quota(job, "init"))
		return;
	job->init_counted = true;
	FAILPOINT("start_before");
	enum status st =
		queue_start(job->engine->tokens.db, &job->arena, &job->post, job->plan.total,
			    job->plan.size, job->plan.count, &job->post.attempt_id);
	if (st == STATUS_CONFLICT) {
		/* Another post of this account is in transfer: one at a time (I8). */
		job_after(job, SLOT_RETRY_MS, transfer_begin);
		return;
	}
	FAILPOINT("started");
	if (job_ended_by(job, st))
		return;
	job->post.state = "publishing";
	send_init(job);
}

/* ---------------------------------------------------------------- chunks */

/* No clear yes: TikTok is asked what it has before anything is sent again. */
static void doubt(struct job *job)
{
	if (++job->chunk_tries >= CHUNK_TRIES) {
		job_later(job, NULL);
		return;
	}
	job_after(job, 500 * ((int64_t)1 << job->chunk_tries), ask_status);
}

static void on_chunk(struct job *job, enum status st, const struct http_answer *answer)
{
	bool last = job->chunk == job->plan.count - 1;
	FAILPOINT(last ? "last_chunk_answered" : "chunk_answered");
	job_note(job, answer, NULL, NULL);
	if (last && (st != STATUS_OK || answer->status >= 500))
		job->last_in_doubt = true;
	if (st != STATUS_OK) {
		doubt(job);
	} else if (last && (answer->status == 201 || answer->status == 200)) {
		move_to_processing(job);
	} else if (!last && answer->status >= 200 && answer->status <= 206 &&
		   answer->status != 201) {
		int64_t first, end;
		chunk_range(&job->plan, job->chunk, &first, &end);
		job->chunk++;
		job->chunk_tries = 0;
		st = queue_acked(job->engine->tokens.db, &job->arena, job->claim,
				 job->post.attempt_id, end + 1);
		FAILPOINT("chunk_acked");
		if (!job_ended_by(job, st))
			send_chunk(job);
	} else {
		job->address_dead = answer->status == 403 || answer->status == 404;
		doubt(job);
	}
}

static void send_chunk(struct job *job)
{
	int64_t first, last;
	bool final = job->chunk == job->plan.count - 1;
	chunk_range(&job->plan, job->chunk, &first, &last);
	if (final) {
		/* From here on the post may become public (I3). */
		FAILPOINT("final_intent_before");
		enum status st = queue_final_intent(job->engine->tokens.db, &job->arena, job->claim,
						    job->post.attempt_id);
		FAILPOINT("final_intent");
		if (st == STATUS_NOT_FOUND) {
			/* Its user wants to be erased, unless it is somebody else's by now: then this is too. */
			job_hold(job, "erasure", "Its user asked for erasure.", "none",
				 "Nothing was published.");
			return;
		}
		if (job_ended_by(job, st))
			return;
		job->post.final_intent = true;
	}
	struct http_request request =
		tiktok_chunk_request(&job->arena, job->upload_url, job->file, first, last,
				     job->plan.total, tiktok_content_type(job->post.container));
	FAILPOINT(final ? "last_chunk_before" : "chunk_before");
	job_send(job, final ? "put_last" : "put", &request, on_chunk);
}

/* ---------------------------------------------------------------- resume */

static bool open_address(struct job *job)
{
	if (job->upload_url.bytes)
		return true;
	enum status st = STATUS_BROKEN;
	if (job->post.upload_url_sealed)
		st = secretbox_open(&job->arena, job->engine->tokens.keys, address_place(job),
				    job->post.upload_url_sealed, &job->upload_url);
	return st == STATUS_OK;
}

/* TikTok waits for bytes: go on at the chunk it lacks, in the same attempt. */
static void go_on(struct job *job, int64_t uploaded)
{
	if (job->address_dead && !job->post.final_intent) {
		give_up_attempt(job, "address_expired");
		return;
	}
	if (job->address_dead && uploaded >= 0 && !job->last_in_doubt) {
		/*
		 * Its own word that it took no last chunk, that bytes are missing, and that it takes
		 * none (reference 3.11, 2). After a lost answer that could be old news (I3).
		 */
		give_up_attempt(job, "address_expired");
		return;
	}
	if (job->address_dead || !open_address(job)) {
		move_to_processing(job);
		return;
	}
	if (uploaded < 0 && job->post.final_intent) {
		/* The last chunk may be there: it is not sent again on a guess (P18). */
		move_to_processing(job);
		return;
	}
	job->chunk = chunk_of(&job->plan, uploaded >= 0 ? uploaded : job->post.bytes_acked);
	send_chunk(job);
}

static void on_status(struct job *job, enum status st, const struct http_answer *answer)
{
	struct tiktok_status status;
	struct tiktok_error error = { 0 };
	FAILPOINT("status_answered");
	if (st == STATUS_OK)
		st = tiktok_status_parse(&job->arena, answer, &status, &error);
	job_note(job, answer, st == STATUS_OK ? status.word : error.code, error.log_id);
	if (st == STATUS_REFUSED && strcmp(error.code, "invalid_publish_id") == 0 &&
	    !job->post.final_intent) {
		give_up_attempt(job, "unknown_there");
	} else if (st == STATUS_REFUSED) {
		job_refused(job, &error, NULL, ask_status);
	} else if (st != STATUS_OK) {
		job_later(job, NULL);
	} else if (status.status == TIKTOK_PROCESSING_UPLOAD &&
		   status.uploaded_bytes < job->plan.total) {
		go_on(job, status.uploaded_bytes);
	} else {
		/* All bytes are there, or it is over: following knows what each word means. */
		follow_answer(job, &status);
	}
}

static void ask_status(struct job *job)
{
	if (!job->token.access.bytes) {
		job_with_token(job, /* fresh= */ false, ask_status);
		return;
	}
	if (!job_take_quota(job, "status"))
		return;
	struct http_request request =
		tiktok_status_request(job->engine->tokens.tiktok, &job->arena, job->token.access,
				      job->post.attempt_publish_id);
	FAILPOINT("status_before");
	job_send(job, "status", &request, on_status);
}

static bool open_for_resume(struct job *job)
{
	struct stat about;
	job->plan = (struct chunk_plan){ job->post.bytes_total, job->post.chunk_size,
					 job->post.chunk_count };
	if (job->file < 0 && job->post.file)
		job->file = openat(job->engine->media_dir, job->post.file,
				   O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return job->file >= 0 && fstat(job->file, &about) == 0 &&
	       about.st_size == job->post.bytes_total;
}

static void resume(struct job *job)
{
	/* Whoever meant to send the last chunk may have done so. */
	job->last_in_doubt = job->post.final_intent;
	if (strcmp(job->post.state, "scheduled") == 0) {
		enum status st = queue_resume(job->engine->tokens.db, &job->arena, job->claim);
		if (st == STATUS_CONFLICT) {
			job_after(job, SLOT_RETRY_MS, transfer_begin);
			return;
		}
		if (job_ended_by(job, st))
			return;
		job->post.state = "publishing";
	}
	if (!open_for_resume(job)) {
		if (job->post.final_intent)
			move_to_processing(job);
		else
			job_hold(job, "video_missing",
				 "The video's file disappeared while it was sent.", "replace_video",
				 "Nothing was published. Choose another video and schedule it "
				 "again.");
		return;
	}
	ask_status(job);
}

void transfer_begin(struct job *job)
{
	if (job->post.attempt_publish_id) {
		resume(job);
		return;
	}
	/* Its publisher died before a publish_id was durable: no byte has left, begin anew (I4a). */
	enum status st = STATUS_OK;
	if (job->post.attempt_id)
		st = queue_close_attempt(job->engine->tokens.db, &job->arena, job->claim,
					 "never_known");
	if (job_ended_by(job, st == STATUS_NOT_FOUND ? STATUS_OK : st))
		return;
	job->post.attempt_id = 0;
	if (strcmp(job->post.state, "publishing") != 0) {
		start(job);
		return;
	}
	job_move(job, &(struct queue_move){
			      .from = "publishing",
			      .to = "scheduled",
			      .set_next_attempt = true,
			      .next_attempt_seconds = 0,
			      .next_check_seconds = QUEUE_NEVER,
			      .reason_code = "interrupted",
			      .reason_message = "Sending was interrupted before anything was sent.",
			      .remedy_code = "automatic",
			      .remedy_message = "Nothing to do: it is tried again by itself." });
}
