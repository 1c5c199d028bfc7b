/* The writes of a round. */
#include "publish/batch.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "publish/engine.h"
#include "publish/job.h"
#include "store/db.h"

enum { BATCH_MAX = 256 };

struct batch_note {
	struct queue_note note;
	struct batch_note *next;
};

static void ask(struct job *job, enum job_write write, job_written *written)
{
	job->write = write;
	job->written = written;
}

void batch_start(struct job *job, const struct queue_start *start, job_written *written)
{
	job->start = *start;
	ask(job, JOB_WRITE_START, written);
}

void batch_open(struct job *job, const struct queue_open *open, job_written *written)
{
	job->open = *open;
	ask(job, JOB_WRITE_OPEN, written);
}

void batch_ack(struct job *job, const struct queue_ack *ack, job_written *written)
{
	job->ack = *ack;
	ask(job, JOB_WRITE_ACK, written);
}

void batch_move(struct job *job, const struct queue_move *move, job_written *written)
{
	job->move = *move;
	ask(job, JOB_WRITE_MOVE, written);
}

void batch_note(struct job *job, const struct queue_note *note)
{
	struct batch_note *item = arena_alloc(&job->arena, sizeof(*item));
	*item = (struct batch_note){ .note = *note };
	*job->engine->notes_end = item;
	job->engine->notes_end = &item->next;
}

/* ------------------------------------------------------------ each kind */

typedef enum status batch_make(struct engine *engine, struct job **jobs, size_t count,
			       bool *ret_done);

static enum status make_starts(struct engine *engine, struct job **jobs, size_t count,
			       bool *ret_done)
{
	const struct config *config = engine->config;
	struct queue_limits limits = {
		.per_account = config->publisher_per_account,
		.init_per_minute = config->quota_init_per_minute,
		.direct_per_day = config->quota_direct_per_day,
		.pending_drafts = config->quota_pending_drafts,
		.active_creators = config->quota_active_creators,
	};
	struct queue_start *starts = arena_alloc(&engine->scratch, count * sizeof(*starts));
	struct queue_started *started = arena_alloc(&engine->scratch, count * sizeof(*started));
	for (size_t i = 0; i < count; i++)
		starts[i] = jobs[i]->start;
	FAILPOINT("start_before");
	enum status st = queue_start_all(engine->tokens.db, &engine->scratch, &limits, starts,
					 count, started);
	FAILPOINT("started");
	for (size_t i = 0; i < count && st == STATUS_OK; i++) {
		ret_done[i] = started[i].result != QUEUE_LOST;
		jobs[i]->started = started[i];
		/* The scratch memory ends with the round. */
		if (started[i].wait_code)
			jobs[i]->started.wait_code =
				arena_strdup(&jobs[i]->arena, started[i].wait_code);
	}
	return st;
}

static enum status make_opens(struct engine *engine, struct job **jobs, size_t count,
			      bool *ret_done)
{
	struct queue_open *opens = arena_alloc(&engine->scratch, count * sizeof(*opens));
	bool *final = arena_alloc(&engine->scratch, count * sizeof(*final));
	for (size_t i = 0; i < count; i++)
		opens[i] = jobs[i]->open;
	FAILPOINT("opened_before");
	enum status st =
		queue_open_all(engine->tokens.db, &engine->scratch, opens, count, ret_done, final);
	FAILPOINT("opened");
	for (size_t i = 0; i < count && st == STATUS_OK; i++)
		jobs[i]->final_intent_stands = final[i];
	return st;
}

static enum status make_acks(struct engine *engine, struct job **jobs, size_t count, bool *ret_done)
{
	struct queue_ack *acks = arena_alloc(&engine->scratch, count * sizeof(*acks));
	bool *final = arena_alloc(&engine->scratch, count * sizeof(*final)), any_final = false;
	for (size_t i = 0; i < count; i++) {
		acks[i] = jobs[i]->ack;
		any_final = any_final || acks[i].final;
	}
	FAILPOINT(any_final ? "final_intent_before" : "chunk_ack_before");
	enum status st =
		queue_ack_all(engine->tokens.db, &engine->scratch, acks, count, ret_done, final);
	FAILPOINT(any_final ? "final_intent" : "chunk_acked");
	for (size_t i = 0; i < count && st == STATUS_OK; i++)
		jobs[i]->final_intent_stands = final[i];
	return st;
}

static enum status make_moves(struct engine *engine, struct job **jobs, size_t count,
			      bool *ret_done)
{
	struct queue_move *moves = arena_alloc(&engine->scratch, count * sizeof(*moves));
	for (size_t i = 0; i < count; i++)
		moves[i] = jobs[i]->move;
	FAILPOINT("move_before");
	enum status st =
		queue_move_all(engine->tokens.db, &engine->scratch, moves, count, ret_done);
	FAILPOINT("moved");
	return st;
}

/* ---------------------------------------------------------------- flush */

static bool has_account(struct job *const *jobs, size_t count, int64_t account_id)
{
	for (size_t i = 0; i < count; i++) {
		if (jobs[i]->post.account_id == account_id)
			return true;
	}
	return false;
}

/* Take the jobs that wait for this kind of write; of starts one for each account, as they count there. */
static size_t gather(struct engine *engine, enum job_write write, struct job **jobs)
{
	size_t count = 0;
	for (struct job *job = engine->jobs; job && count < BATCH_MAX; job = job->next) {
		if (job->ended || job->write != write)
			continue;
		if (write == JOB_WRITE_START && has_account(jobs, count, job->post.account_id))
			continue;
		jobs[count++] = job;
	}
	for (size_t i = 0; i < count; i++)
		jobs[i]->write = JOB_WRITE_NONE;
	return count;
}

static void deliver(struct job **jobs, size_t count, enum status st, const bool *done)
{
	for (size_t i = 0; i < count; i++)
		jobs[i]->written(jobs[i], st == STATUS_OK && !done[i] ? STATUS_NOT_FOUND : st);
}

static void flush_kind(struct engine *engine, enum job_write write, batch_make *make)
{
	struct job *jobs[BATCH_MAX];
	bool done[BATCH_MAX] = { false };
	size_t count = gather(engine, write, jobs);
	if (count == 0)
		return;
	enum status st = make(engine, jobs, count, done);
	if (st == STATUS_OK || st == STATUS_RETRY || count == 1) {
		deliver(jobs, count, st, done);
		return;
	}
	/* One that breaks a rule of the schema must not take the others along. */
	log_error("writes_one_by_one kind=%d count=%zu status=%s", (int)write, count,
		  status_name(st));
	for (size_t i = 0; i < count; i++) {
		st = make(engine, &jobs[i], 1, done);
		deliver(&jobs[i], 1, st, done);
	}
}

static void flush_notes(struct engine *engine)
{
	struct queue_note notes[BATCH_MAX];
	struct batch_note *item = engine->notes;
	engine->notes = NULL;
	engine->notes_end = &engine->notes;
	while (item) {
		size_t count = 0;
		for (; item && count < BATCH_MAX; item = item->next)
			notes[count++] = item->note;
		enum status st = queue_note_all(engine->tokens.db, &engine->scratch, notes, count);
		if (st != STATUS_OK)
			log_warn("calls_not_noted count=%zu status=%s", count, status_name(st));
	}
}

static bool is_pending(const struct engine *engine)
{
	const struct job *job = engine->jobs;
	while (job && (job->ended || job->write == JOB_WRITE_NONE))
		job = job->next;
	return job || engine->notes;
}

void batch_flush(struct engine *engine)
{
	while (is_pending(engine)) {
		if (engine->notes)
			flush_notes(engine);
		flush_kind(engine, JOB_WRITE_START, make_starts);
		flush_kind(engine, JOB_WRITE_OPEN, make_opens);
		flush_kind(engine, JOB_WRITE_ACK, make_acks);
		flush_kind(engine, JOB_WRITE_MOVE, make_moves);
	}
}
