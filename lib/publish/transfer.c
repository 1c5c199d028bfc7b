/*
 * Init and the chunks. The rule that makes a post go out exactly once: TikTok can publish nothing
 * before it has the last byte, and no byte is sent before the publish_id is durable (design 5).
 */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/secretbox.h"
#include "base/token.h"
#include "base/words.h"
#include "publish/batch.h"
#include "publish/decide.h"
#include "publish/engine.h"
#include "publish/job.h"
#include "remote/http.h"
#include "store/pull.h"

enum { CHUNK_TRIES = 6, SLOT_RETRY_MS = 500 };

static void send_init(struct job *job);
static void send_chunk(struct job *job);
static void put_chunk(struct job *job);
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
	job_move(job, &(struct queue_move){ .to = "processing",
					    .next_check_seconds = decide_next_check(0, 0) });
}

/* This attempt can never publish (I4): its address is dead and TikTok lacks bytes. A new one may begin. */
static void give_up_attempt(struct job *job, const char *outcome)
{
	job->post.attempt_publish_id = NULL;
	job_later(job, outcome);
}

/* ------------------------------------------------------------------ init */

/* The last byte is next, and its intent is on the disk: or its user has asked for erasure meanwhile. */
static bool may_send_last(struct job *job)
{
	job->last_may_go = job->final_intent_stands;
	if (job->final_intent_stands)
		job->post.final_intent = true;
	else
		job_hold(job, "erasure", NULL);
	return job->final_intent_stands;
}

static void on_opened(struct job *job, enum status st)
{
	if (job_ended_by(job, st))
		return;
	job->post.attempt_publish_id = job->open.publish_id;
	if (job->open.final && !may_send_last(job))
		return;
	if (job->pull_token)
		/* The address is open from now on, and TikTok comes for the video by itself. */
		move_to_processing(job);
	else
		send_chunk(job);
}

/* publish_id, address and, where one chunk is all, the intent of the last byte: durable, then bytes. */
static void open_attempt(struct job *job, const struct tiktok_init *init)
{
	const char *sealed = NULL;
	if (!job->pull_token)
		secretbox_seal(&job->arena, job->engine->tokens.keys, address_place(job),
			       init->upload_url, &sealed);
	job->upload_url = init->upload_url;
	job->chunk = 0;
	batch_open(job,
		   &(struct queue_open){ .id = job->claim.id,
					 .fence = job->claim.fence,
					 .attempt_id = job->post.attempt_id,
					 .publish_id = init->publish_id,
					 .upload_url_sealed = sealed,
					 .final = job->pull_token || job->plan.count == 1 },
		   on_opened);
}

static bool address_is_safe(struct job *job, const char *url)
{
	const char *scheme;
	return tiktok_upload_url_is_safe(job->engine->tokens.tiktok, &job->arena, url) &&
	       http_url_split(&job->arena, url, &scheme, &job->upload_host) == STATUS_OK;
}

static void on_init(struct job *job, enum status st, const struct http_answer *answer)
{
	struct tiktok_init init;
	struct tiktok_error error = { 0 };
	FAILPOINT("init_answered");
	if (st == STATUS_OK)
		st = job->pull_token ? tiktok_pull_parse(&job->arena, answer, &init, &error)
				     : tiktok_init_parse(&job->arena, answer, &init, &error);
	job_note(job, answer, error.code, error.log_id);
	if (st == STATUS_REFUSED) {
		job_refused(job, &error, "refused", send_init);
	} else if (st != STATUS_OK) {
		/* Lost or unclear: no byte has left, so this attempt cannot publish (I4a). */
		job_later(job, "unanswered");
	} else if (!job->pull_token && !address_is_safe(job, init.upload_url.bytes)) {
		log_error("upload_address_refused post=%" PRId64, job->post.id);
		job_hold(job, "upload_address_refused", NULL);
	} else {
		open_attempt(job, &init);
	}
}

/* The one address of this attempt; it answers once the publish_id is durable (design 5, rule 4). */
static const char *pull_url(struct job *job)
{
	return arena_printf(&job->arena, "%s/pull/%s", job->engine->config->public_url,
			    job->pull_token);
}

/* The call itself, or its repetition after a refused token; the attempt's intent is durable. */
static void send_init(struct job *job)
{
	const struct queue_post *post = &job->post;
	struct tiktok_post what = {
		.draft = !job_is_direct(job),
		.caption = post->caption,
		.privacy_level = post->privacy_level,
		.allow_comment = post->allow_comment,
		.allow_duet = post->allow_duet,
		.allow_stitch = post->allow_stitch,
		.your_brand = post->your_brand,
		.branded_content = post->branded_content,
		.is_aigc = post->is_aigc,
		.cover_ms = post->cover_ms,
		.pull_url = job->pull_token ? pull_url(job) : NULL,
		.video_size = job->plan.total,
		.chunk_size = job->plan.size,
		.chunk_count = job->plan.count,
	};
	struct http_request request = tiktok_init_request(job->engine->tokens.tiktok, &job->arena,
							  job->token.access, &what);
	FAILPOINT("init_before");
	job_ask(job, what.draft ? "inbox_init" : "init", &request, on_init);
}

static void on_started(struct job *job, enum status st)
{
	if (job_ended_by(job, st))
		return;
	switch (job->started.result) {
	case QUEUE_STARTED:
		job->post.state = "publishing";
		job->post.attempt_id = job->started.attempt_id;
		send_init(job);
		return;
	case QUEUE_BUSY:
		/* As many posts of this account as may be are in transfer (I8). */
		job_after(job, SLOT_RETRY_MS, transfer_begin);
		return;
	case QUEUE_WAIT:
		job_wait(job, job->started.wait_code, job->started.wait_seconds);
		return;
	case QUEUE_LOST:
		job_ended_by(job, STATUS_NOT_FOUND);
		return;
	}
}

/* At the post's second: limits, state and intent in one write, then the call. */
static void start(struct job *job)
{
	struct queue_start what = { .id = job->claim.id,
				    .fence = job->claim.fence,
				    .account_id = job->post.account_id,
				    .from = job->post.state,
				    .total = job->plan.total,
				    .chunk_size = job->plan.size,
				    .chunk_count = job->plan.count };
	if (strcmp(job->engine->config->tiktok_transfer, "pull_from_url") == 0) {
		job->pull_token = token_new(&job->arena);
		what.pull_hash = pull_hash(&job->arena, job->pull_token);
	}
	batch_start(job, &what, on_started);
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

static void on_acked(struct job *job, enum status st)
{
	if (job_ended_by(job, st))
		return;
	if (!job->ack.final || may_send_last(job))
		put_chunk(job);
}

/* The bytes so far and, before the last chunk, the intent to send it are durable: then it goes out (I3). */
static void send_after_ack(struct job *job, int64_t bytes)
{
	batch_ack(job,
		  &(struct queue_ack){ .id = job->claim.id,
				       .fence = job->claim.fence,
				       .attempt_id = job->post.attempt_id,
				       .bytes = bytes,
				       .final = job->chunk == job->plan.count - 1 },
		  on_acked);
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
		send_after_ack(job, end + 1);
	} else {
		job->address_dead = answer->status == 403 || answer->status == 404;
		doubt(job);
	}
}

static void put_chunk(struct job *job)
{
	int64_t first, last;
	bool final = job->chunk == job->plan.count - 1;
	chunk_range(&job->plan, job->chunk, &first, &last);
	struct http_request request =
		tiktok_chunk_request(&job->arena, job->upload_url, job->file, first, last,
				     job->plan.total, tiktok_content_type(job->post.container));
	FAILPOINT(final ? "last_chunk_before" : "chunk_before");
	job_send(job, final ? "put_last" : "put", job->upload_host, &request, on_chunk);
}

static void send_chunk(struct job *job)
{
	bool final = job->chunk == job->plan.count - 1;
	/* An intent of before is no leave to send it now: its user may have asked for erasure since. */
	if (final && !job->last_may_go)
		send_after_ack(job, 0);
	else
		put_chunk(job);
}

/* ---------------------------------------------------------------- resume */

/* STATUS_CONFLICT: another publisher may have the key that opens it. */
static enum status open_address(struct job *job)
{
	if (job->upload_url.bytes)
		return STATUS_OK;
	enum status st = STATUS_BROKEN;
	if (job->post.upload_url_sealed)
		st = secretbox_open(&job->arena, job->engine->tokens.keys, address_place(job),
				    job->post.upload_url_sealed, &job->upload_url);
	if (st == STATUS_OK && !address_is_safe(job, job->upload_url.bytes))
		st = STATUS_BROKEN;
	return st;
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
	enum status st = job->address_dead ? STATUS_BROKEN : open_address(job);
	if (st == STATUS_CONFLICT) {
		job_wait(job, "token_key_unknown", JOB_KEY_PAUSE_S);
		return;
	}
	if (st != STATUS_OK) {
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
	} else if (status.status == TIKTOK_PROCESSING_UPLOAD && !job->post.is_pull &&
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
	job_ask(job, "status", &request, on_status);
}

static bool open_for_resume(struct job *job)
{
	job->plan = (struct chunk_plan){ job->post.bytes_total, job->post.chunk_size,
					 job->post.chunk_count };
	return job->post.file && job_open_file(job, job->post.bytes_total);
}

static void resume(struct job *job)
{
	/* Whoever meant to send the last chunk may have done so. */
	job->last_in_doubt = job->post.final_intent;
	if (job_is_in(job, "scheduled")) {
		enum status st = queue_resume(job->engine->tokens.db, &job->arena, job->claim,
					      job->engine->config->publisher_per_account);
		/* A lost fence is found by the next renewal of the lease. */
		if (st == STATUS_NOT_FOUND) {
			job_after(job, SLOT_RETRY_MS, transfer_begin);
			return;
		}
		if (job_ended_by(job, st))
			return;
		job->post.state = "publishing";
	}
	if (!job->post.is_pull && !open_for_resume(job)) {
		if (job->post.final_intent)
			move_to_processing(job);
		else
			job_hold(job, "video_missing", NULL);
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
		st = queue_close_attempt(job->engine->tokens.db, &job->arena, job->claim.id,
					 job->claim.fence, "never_known");
	if (job_ended_by(job, st == STATUS_NOT_FOUND ? STATUS_OK : st))
		return;
	job->post.attempt_id = 0;
	if (!job_is_in(job, "publishing")) {
		start(job);
		return;
	}
	const struct words *words = words_find("interrupted");
	job_move(job, &(struct queue_move){ .to = "scheduled",
					    .set_next_attempt = true,
					    .next_check_seconds = QUEUE_NEVER,
					    .reason_code = words->code,
					    .reason_message = words->cause.en,
					    .remedy_code = words->remedy_code,
					    .remedy_message = words->next.en });
}
