/*
 * One claimed post in the hands of a publisher. A job is a chain of steps: each does what is due,
 * then starts one request, one timer or one durable write and returns, or ends the job. Everything
 * of the job lives in its arena.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "publish/chunk.h"
#include "publish/token.h"
#include "remote/tiktok.h"
#include "store/queue.h"
#include "store/queue_write.h"

struct engine;
struct job;

/* An upload that TikTok has waited for this long will not be completed any more (I2). */
enum {
	JOB_UPLOAD_OVER_SECONDS = 65 * 60,
	JOB_KEY_PAUSE_S = 15, /* until a publisher that has the key may look */
};

typedef void job_step(struct job *job);
typedef void job_answer(struct job *job, enum status st, const struct http_answer *answer);

/* What a job waits to have written at the end of the round (publish/batch.h). */
enum job_write { JOB_WRITE_NONE, JOB_WRITE_START, JOB_WRITE_OPEN, JOB_WRITE_ACK, JOB_WRITE_MOVE };

/*
 * st: STATUS_OK, STATUS_NOT_FOUND for a fence that is not ours any more, or why the database could
 * not write it.
 */
typedef void job_written(struct job *job, enum status st);

struct job {
	struct engine *engine;
	struct job *next;
	struct arena arena;
	struct queue_claim claim;
	struct queue_post post;
	bool is_preflight; /* claimed to be checked long before its time */
	const char *name;  /* of the call under way, for the timeline */
	bool ended;	   /* the engine frees it at the end of the round */

	int64_t wake_at_ms; /* monotonic; 0: no timer */
	job_step *wake;
	struct http_transfer *transfer;
	const char *host; /* that the request under way goes to */
	job_answer *answered;
	job_step *token_step, *creator_info_step;

	enum job_write write;
	job_written *written;
	union {
		struct queue_start start;
		struct queue_open open;
		struct queue_ack ack;
		struct queue_move move;
	};
	struct queue_started started; /* what came of a start */
	bool final_intent_stands;     /* what came of an open or an ack */
	bool last_may_go;	      /* this job has written or confirmed that intent */

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
	const char *upload_host;
	const char *
		pull_token; /* of the address that TikTok may fetch the video from; NULL: we upload */
	int file;
};

/* Run step at a monotonic time or after so many milliseconds. */
void job_at(struct job *job, int64_t when_ms, job_step *step);
void job_after(struct job *job, int64_t delay_ms, job_step *step);

/* Start a request to host; answered gets its end. name is the timeline's word for the call. */
void job_send(struct job *job, const char *name, const char *host,
	      const struct http_request *request, job_answer *answered);
/* The same to TikTok's API. */
void job_ask(struct job *job, const char *name, const struct http_request *request,
	     job_answer *answered);

/* A row of the timeline about the call that has just ended. code NULL: no answer. */
void job_note(struct job *job, const struct http_answer *answer, const char *code,
	      const char *log_id);

/*
 * Get a token, then run step. When there is none, the job ends or sleeps by the rules of
 * job_refused, job_later and job_hold. fresh: the one in use was refused.
 */
void job_with_token(struct job *job, bool fresh, job_step *step);

/* True when the call may be made now; else the job has been moved to when it may (WAIT). */
bool job_take_quota(struct job *job, const char *kind);

/* Told to stop: what has not begun is given back, what is in transfer is left to the next publisher. */
void job_stop(struct job *job);

/* End without a word: the lease runs out and somebody takes it over. For lost fences and databases. */
void job_end(struct job *job);

/* End when st is not OK (logged); true when the job has ended. */
bool job_ended_by(struct job *job, enum status st);

/* Open the post's video, which has a file; false when that is missing or not of this size any more. */
bool job_open_file(struct job *job, int64_t size);

/* What the post is: in this state, or to be posted directly and not as a draft. */
bool job_is_in(const struct job *job, const char *state);
bool job_is_direct(const struct job *job);
/* Its second has not come: nothing of what happens now counts against it. */
bool job_is_early(const struct job *job);

/* ------------------------------------------------ how it ends: outcome.c */

/* Move and end the job; id, fence and from are filled in. */
void job_move(struct job *job, const struct queue_move *move);

/* Hold with the words for code (base/words.h) and end; message NULL: the words' own. */
void job_hold(struct job *job, const char *code, const char *message);

/* TikTok said no to a call that cannot have published anything: decide and move. repeat: after a refresh. */
void job_refused(struct job *job, const struct tiktok_error *error, const char *close_attempt,
		 job_step *repeat);

/* Try the same again later, because the other side did not answer or had trouble; counts as an error. */
void job_later(struct job *job, const char *close_attempt);

/* A limit of TikTok's: wait until it allows the call. */
void job_wait(struct job *job, const char *code, int64_t seconds);

/* TikTok says that this upload will never be published: decide whether to begin a new one. */
void job_over(struct job *job, const struct tiktok_error *error);

/* ------------------------------------------------------- what it consists of */

/* What a status answer means for the post; ends the job. */
void follow_answer(struct job *job, const struct tiktok_status *status);

/* No news of a post that TikTok has: ask again later, or say that nobody knows; ends the job. */
void follow_on(struct job *job, int64_t least_s);

/* The first step of each kind of claim. */
void prepare_begin(struct job *job);  /* scheduled, before its second */
void transfer_begin(struct job *job); /* at its second, or what another publisher left */
void follow_begin(struct job *job);   /* sent: what does TikTok say? */
void preflight_begin(
	struct job *job); /* long before its second, or held: what stands against it? */

/* creator_info was refused for something that may last: warn of it. False where there is nothing to warn of. */
bool preflight_refused(struct job *job, const struct tiktok_error *error);

/* What TikTok and this site know that stands against the post: a code with words, NULL when nothing. */
const char *prepare_fault(const struct job *job);

/* Ask creator_info, store it in the job's post and the database, then run step. */
void prepare_ask_creator_info(struct job *job, job_step *step);
