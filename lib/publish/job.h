/*
 * One claimed post in the hands of a publisher. A job is a chain of steps: each does what is due,
 * then either starts one request or timer and returns, or ends the job. Everything of the job lives
 * in its arena.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "publish/chunk.h"
#include "publish/token.h"
#include "remote/tiktok.h"
#include "store/queue.h"

struct engine;
struct job;

/* An upload that TikTok has waited for this long will not be completed any more (I2). */
enum { JOB_UPLOAD_OVER_SECONDS = 65 * 60 };

typedef void job_step(struct job *job);
typedef void job_answer(struct job *job, enum status st, const struct http_answer *answer);

struct job {
	struct engine *engine;
	struct job *next;
	struct arena arena;
	struct queue_claim claim;
	struct queue_post post;
	const char *name; /* of the call under way, for the timeline */
	bool ended;	  /* the engine frees it at the end of the round */

	int64_t wake_at_ms; /* monotonic; 0: no timer */
	job_step *wake;
	struct http_transfer *transfer;
	job_answer *answered;
	job_step *token_step;

	struct token token;
	bool token_refreshed; /* a token newer than a refused one is in use */
	bool token_awaited;   /* token_get has not answered yet */

	int64_t due_at_ms; /* the post's second, on the monotonic clock */
	struct chunk_plan plan;
	int64_t chunk;	    /* the one under way or next */
	int chunk_tries;    /* without progress */
	bool address_dead;  /* the upload host said so (403, 404) */
	bool last_in_doubt; /* the last chunk was sent, and no answer said that it was not taken */
	struct secret upload_url;
	int file;
	bool init_counted; /* against the quota */
	struct tiktok_creator_info creator;
};

/* Run step at a monotonic time or after so many milliseconds. */
void job_at(struct job *job, int64_t when_ms, job_step *step);
void job_after(struct job *job, int64_t delay_ms, job_step *step);

/* Start a request; answered gets its end. name is the timeline's word for the call. */
void job_send(struct job *job, const char *name, const struct http_request *request,
	      job_answer *answered);

/* A row of the timeline about the call that has just ended. code NULL: no answer. */
void job_note(struct job *job, const struct http_answer *answer, const char *code,
	      const char *log_id);

/*
 * Get a token, then run step. Ends the job by job_token_failed's rules when there is none.
 * fresh: the one in use was refused.
 */
void job_with_token(struct job *job, bool fresh, job_step *step);

/* True when the call may be made now; else the job has been moved to when it may (WAIT). */
bool job_take_quota(struct job *job, const char *kind);

/* TikTok said no to a call that cannot have published anything: decide and move. repeat: after a refresh. */
void job_refused(struct job *job, const struct tiktok_error *error, const char *close_attempt,
		 job_step *repeat);

/* Move and end the job. */
void job_move(struct job *job, const struct queue_move *move);

/* Hold with words of ours and end. */
void job_hold(struct job *job, const char *code, const char *message, const char *remedy_code,
	      const char *remedy);

/* Try the same again later, because the other side did not answer or had trouble; counts as an error. */
void job_later(struct job *job, const char *close_attempt);

/* Told to stop: what has not begun is given back, what is in transfer is left to the next publisher. */
void job_stop(struct job *job);

/* End without a word: the lease runs out and somebody takes it over. For lost fences and databases. */
void job_end(struct job *job);

/* End when st is not OK (logged); true when the job has ended. */
bool job_ended_by(struct job *job, enum status st);

/* TikTok says that this upload will never be published: decide whether to begin a new one. */
void job_over(struct job *job, const struct tiktok_error *error);

/* What a status answer means for the post; ends the job. */
void follow_answer(struct job *job, const struct tiktok_status *status);

/* No news of a post that TikTok has: ask again later, or say that nobody knows; ends the job. */
void follow_on(struct job *job, int64_t least_s);

/* The first step of each kind of claim. */
void prepare_begin(struct job *job);  /* scheduled, before its second */
void transfer_begin(struct job *job); /* at its second, or what another publisher left */
void follow_begin(struct job *job);   /* sent: what does TikTok say? */
