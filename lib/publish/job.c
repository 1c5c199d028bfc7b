/* What the steps share. */
#include "publish/job.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "publish/batch.h"
#include "publish/engine.h"
#include "publish/outage.h"
#include "store/quota.h"

void job_at(struct job *job, int64_t when_ms, job_step *step)
{
	/* 0 means no timer; a time long past may lie before the machine's start. */
	job->wake_at_ms = when_ms > 0 ? when_ms : 1;
	job->wake = step;
}

void job_after(struct job *job, int64_t delay_ms, job_step *step)
{
	job_at(job, clock_now_ms() + delay_ms, step);
}

void job_end(struct job *job)
{
	job->ended = true;
	job->wake_at_ms = 0;
	job->write = JOB_WRITE_NONE;
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

bool job_is_in(const struct job *job, const char *state)
{
	return strcmp(job->post.state, state) == 0;
}

bool job_open_file(struct job *job, int64_t size)
{
	struct stat about;
	if (job->file < 0)
		job->file = openat(job->engine->media_dir, job->post.file,
				   O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return job->file >= 0 && fstat(job->file, &about) == 0 && about.st_size == size;
}

bool job_is_direct(const struct job *job)
{
	return strcmp(job->post.mode, "direct") == 0;
}

bool job_is_early(const struct job *job)
{
	return job_is_in(job, "scheduled") && !job->engine->once && clock_now_ms() < job->due_at_ms;
}

static void on_answer(void *context, enum status st, const struct http_answer *answer)
{
	struct job *job = context;
	job->transfer = NULL;
	outage_hear(job->engine->outage, job->host, job->post.account_id,
		    st == STATUS_OK && answer->status < 500);
	job->answered(job, st, answer);
}

void job_send(struct job *job, const char *name, const char *host,
	      const struct http_request *request, job_answer *answered)
{
	job->name = name;
	job->host = host;
	job->answered = answered;
	job->transfer = http_start(job->engine->tokens.http, &job->arena, request, on_answer, job);
}

void job_ask(struct job *job, const char *name, const struct http_request *request,
	     job_answer *answered)
{
	job_send(job, name, outage_api_host(job->engine->outage), request, answered);
}

void job_note(struct job *job, const struct http_answer *answer, const char *code,
	      const char *log_id)
{
	batch_note(job, &(struct queue_note){
				.post_id = job->post.id,
				.name = job->name,
				.http_status = answer->status,
				.code = code,
				.log_id = log_id ? log_id : answer->log_id,
				.bytes = answer->bytes_sent > 0 ? answer->bytes_sent : -1,
				.message = answer->problem,
			});
}

static void on_token(void *context, enum status st, const struct token *token,
		     const struct token_call *call)
{
	struct job *job = context;
	job->token_awaited = false;
	if (call->answer) {
		outage_hear(job->engine->outage, outage_api_host(job->engine->outage),
			    job->post.account_id,
			    call->answer->status > 0 && call->answer->status < 500);
		job->name = "refresh";
		job_note(job, call->answer, call->error ? call->error->code : NULL,
			 call->error ? call->error->log_id : NULL);
	}
	if (*job->engine->stop) {
		job_stop(job);
	} else if (st == STATUS_OK) {
		job->token = *token;
		job->token_step(job);
	} else if (st == STATUS_REFUSED) {
		job->name = "refresh";
		job_refused(job, call->error, NULL, NULL);
	} else if (st == STATUS_RETRY) {
		job_later(job, NULL);
	} else if (st == STATUS_CONFLICT) {
		/* The next publisher may know the key; this one changes nothing (B87). */
		job_wait(job, "token_key_unknown", JOB_KEY_PAUSE_S);
	} else {
		job_hold(job, "token_unreadable", NULL);
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

bool job_take_quota(struct job *job, const char *kind)
{
	const struct config *config = job->engine->config;
	int64_t wait_seconds = 0;
	int64_t limit = strcmp(kind, "creator_info") == 0 ? config->quota_creator_info_per_minute
							  : config->quota_status_per_minute;
	enum status st = quota_take(job->engine->tokens.db, &job->arena, job->post.account_id, kind,
				    limit, &wait_seconds);
	if (st == STATUS_OK)
		return true;
	if (st == STATUS_CONFLICT)
		job_wait(job, "rate_limit", wait_seconds);
	else
		job_ended_by(job, st);
	return false;
}
