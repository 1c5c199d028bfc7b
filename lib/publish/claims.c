/* Looking at the queue. */
#include "publish/claims.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "publish/engine.h"
#include "publish/job.h"
#include "publish/outage.h"
#include "store/queue.h"

enum {
	CLAIM_MAX = 256,   /* at one look and of one kind */
	PREFLIGHT_MAX = 4, /* they may wait */
	AHEAD_S = 4 * 60,  /* what falls due until then is prepared */
	AHEAD_PAUSE_MS = 2000,
	UNRECORDED_MAX = 5, /* claims that ended without a trace: a crash loop */
	CRASHED_CHECK_S = 60 * 60,
};

typedef enum status claim_function(struct engine *engine, size_t max,
				   struct queue_claim *ret_claims, size_t *ret_count);

static enum status claim_check(struct engine *engine, size_t max, struct queue_claim *ret_claims,
			       size_t *ret_count)
{
	return queue_claim_check(engine->tokens.db, &engine->scratch, max, ret_claims, ret_count);
}

static enum status claim_lost(struct engine *engine, size_t max, struct queue_claim *ret_claims,
			      size_t *ret_count)
{
	return queue_claim_lost(engine->tokens.db, &engine->scratch, max, ret_claims, ret_count);
}

static enum status claim_due(struct engine *engine, size_t max, struct queue_claim *ret_claims,
			     size_t *ret_count)
{
	struct queue_due what = {
		.horizon_seconds = engine->once ? 0 : ENGINE_HORIZON_S,
		.per_account = engine->config->publisher_per_account,
		.spacing_seconds = engine->config->publisher_spacing_seconds,
	};
	FAILPOINT("claim_before");
	return queue_claim_due(engine->tokens.db, &engine->scratch, &what, max, ret_claims,
			       ret_count);
}

static enum status claim_ahead(struct engine *engine, size_t max, struct queue_claim *ret_claims,
			       size_t *ret_count)
{
	return queue_claim_ahead(engine->tokens.db, &engine->scratch, ENGINE_HORIZON_S, AHEAD_S,
				 max, ret_claims, ret_count);
}

static enum status claim_preflight(struct engine *engine, size_t max,
				   struct queue_claim *ret_claims, size_t *ret_count)
{
	return queue_claim_preflight(engine->tokens.db, &engine->scratch, max, ret_claims,
				     ret_count);
}

/* ------------------------------------------------------------------ jobs */

static struct job *job_new(struct engine *engine, struct queue_claim claim)
{
	struct job *job = calloc(1, sizeof(*job));
	if (!job)
		log_die("out_of_memory");
	job->engine = engine;
	job->claim = claim;
	job->file = -1;
	job->next = engine->jobs;
	engine->jobs = job;
	engine->job_count++;
	return job;
}

/* Sending or following it has broken off again and again: somebody must look, others must not wait. */
static void end_crash_loop(struct job *job)
{
	log_error("post_crashes_publisher post=%" PRId64 " state=%s", job->post.id,
		  job->post.state);
	bool is_sent = !job_is_in(job, "scheduled") && !job_is_in(job, "publishing");
	if (!is_sent && !job->post.final_intent)
		job_hold(job, "crashed_repeatedly", NULL);
	else
		/* It may be public: it is asked about, at a pace at which others are not held up. */
		job_move(job, &(struct queue_move){ .to = is_sent ? job->post.state : "processing",
						    .next_check_seconds = CRASHED_CHECK_S });
}

static void begin(struct job *job)
{
	if (job->post.unrecorded > UNRECORDED_MAX)
		end_crash_loop(job);
	else if (job->is_preflight)
		preflight_begin(job);
	else if (job_is_in(job, "scheduled"))
		prepare_begin(job);
	else if (job_is_in(job, "publishing"))
		transfer_begin(job);
	else
		follow_begin(job);
}

static void add_jobs(struct engine *engine, const struct queue_claim *claims, size_t count,
		     bool is_preflight)
{
	struct arena *scratch = &engine->scratch;
	struct job **jobs = arena_alloc(scratch, count * sizeof(struct job *));
	struct arena **arenas = arena_alloc(scratch, count * sizeof(struct arena *));
	struct queue_post *posts = arena_alloc(scratch, count * sizeof(*posts));
	bool *found = arena_alloc(scratch, count * sizeof(*found));
	for (size_t i = 0; i < count; i++) {
		jobs[i] = job_new(engine, claims[i]);
		jobs[i]->is_preflight = is_preflight;
		arenas[i] = &jobs[i]->arena;
	}
	FAILPOINT("claimed");
	enum status st =
		queue_load(engine->tokens.db, scratch, arenas, claims, count, posts, found);
	for (size_t i = 0; i < count; i++) {
		if (job_ended_by(jobs[i], st == STATUS_OK && !found[i] ? STATUS_NOT_FOUND : st))
			continue;
		jobs[i]->post = posts[i];
		log_info("post_claimed post=%" PRId64 " fence=%" PRId64
			 " state=%s due_in_ms=%" PRId64,
			 posts[i].id, posts[i].fence, posts[i].state, posts[i].due_in_ms);
		begin(jobs[i]);
	}
}

/* ----------------------------------------------------------------- looks */

static int64_t room(const struct engine *engine)
{
	int64_t room = outage_room(engine->outage, engine->config->publisher_transfers) -
		       engine->job_count;
	return *engine->stop || room < 0 ? 0 : room;
}

/* Take up to max of one kind; *ret_full: there may be more of it. */
static enum status take(struct engine *engine, claim_function *claim, int64_t max,
			bool is_preflight, bool *ret_full)
{
	struct queue_claim claims[CLAIM_MAX];
	bool full = true;
	while (max > 0 && full) {
		size_t wanted = max < CLAIM_MAX ? (size_t)max : CLAIM_MAX, count = 0;
		enum status st = claim(engine, wanted, claims, &count);
		if (st != STATUS_OK)
			return st;
		full = count == wanted;
		max -= (int64_t)count;
		engine->claimed += (int)count;
		if (count > 0)
			add_jobs(engine, claims, count, is_preflight);
	}
	*ret_full = full;
	return STATUS_OK;
}

/* One post is enough to learn whether TikTok is back: the kind that meets the host in question. */
static enum status take_one_to_try(struct engine *engine)
{
	static claim_function *const for_api[] = { claim_check, claim_lost, claim_due,
						   claim_ahead };
	static claim_function *const for_upload[] = { claim_lost, claim_due, claim_check,
						      claim_ahead };
	bool upload = false, full;
	if (engine->job_count > 0 || !outage_may_try(engine->outage, engine, &upload))
		return STATUS_OK;
	claim_function *const *kinds = upload ? for_upload : for_api;
	for (size_t i = 0; i < ARRAY_SIZE(for_api) && engine->claimed == 0; i++) {
		enum status st = take(engine, kinds[i], 1, false, &full);
		if (st != STATUS_OK)
			return st;
	}
	return STATUS_OK;
}

static enum status take_ahead(struct engine *engine)
{
	int64_t now = clock_now_ms();
	bool full = false;
	if (engine->more_due || now - engine->ahead_ms < AHEAD_PAUSE_MS)
		return STATUS_OK;
	enum status st = STATUS_OK;
	/* Half of what is free stays so for what falls due meanwhile. */
	if (!engine->once)
		st = take(engine, claim_ahead, (room(engine) + 1) / 2, false, &full);
	int64_t left = room(engine) / 2;
	if (st == STATUS_OK && !full)
		st = take(engine, claim_preflight, left < PREFLIGHT_MAX ? left : PREFLIGHT_MAX,
			  true, &full);
	if (!full)
		engine->ahead_ms = now;
	return st;
}

enum status claims_take(struct engine *engine)
{
	bool full = false;
	engine->claimed = 0;
	if (outage_is_open(engine->outage))
		return take_one_to_try(engine);
	/* Where much is due, questions take a part of the room only: none delays a due second. */
	int64_t checks = engine->more_due ? (room(engine) + 3) / 4 : room(engine);
	enum status st = take(engine, claim_check, checks, false, &full);
	if (st == STATUS_OK)
		st = take(engine, claim_lost, room(engine), false, &full);
	int64_t for_due = room(engine);
	if (st == STATUS_OK)
		st = take(engine, claim_due, for_due, false, &full);
	engine->more_due = st == STATUS_OK && for_due > 0 ? full : engine->more_due;
	return st == STATUS_OK ? take_ahead(engine) : st;
}

bool claims_are_wanted(const struct engine *engine)
{
	int64_t enough = engine->config->publisher_transfers / 8;
	return engine->more_due && room(engine) > enough;
}
