/* The loop. */
#include "publish/engine.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "publish/batch.h"
#include "publish/claims.h"
#include "publish/inbox.h"
#include "publish/job.h"
#include "publish/outage.h"
#include "publish/upkeep.h"
#include "remote/http.h"
#include "store/db.h"
#include "store/queue.h"

enum {
	MINUTE_MS = 60 * 1000,
	OVERLAP_MS = 2 * 1000, /* the next publisher is there before this one takes no more */
	POLL_MS = 500,	       /* how often the queue is looked at for what is new */
	RENEW_MS = 30 * 1000,  /* a quarter of the lease */
	UPKEEP_MS = 5 * 1000,
	FOLLOW_ONCE_MS = 8 * 1000,
};

void engine_moved(struct engine *engine, const char *from, const char *to)
{
	if (strcmp(from, "publishing") == 0 && strcmp(to, "processing") == 0) {
		engine->unsettled++;
		engine->last_sent_ms = clock_now_ms();
	} else if (strcmp(from, "processing") == 0 && strcmp(to, "processing") != 0) {
		engine->unsettled--;
	}
}

static void free_ended(struct engine *engine)
{
	struct job **link = &engine->jobs;
	while (*link) {
		struct job *job = *link;
		if (!job->ended) {
			link = &job->next;
			continue;
		}
		if (job->transfer)
			http_cancel(job->transfer);
		if (job->file >= 0)
			close(job->file);
		*link = job->next;
		arena_reset(&job->arena);
		free(job);
		engine->job_count--;
	}
}

/* What the steps have asked for is written, what they have met is told, what has ended goes. */
static void settle(struct engine *engine)
{
	outage_tell(engine->outage, engine);
	batch_flush(engine);
	free_ended(engine);
}

static void renew(struct engine *engine)
{
	struct arena *arena = &engine->scratch;
	size_t count = 0;
	struct queue_claim *claims =
		arena_alloc(arena, sizeof(*claims) * (size_t)engine->job_count);
	struct job **owners = arena_alloc(arena, sizeof(*owners) * (size_t)engine->job_count);
	bool *kept = arena_alloc(arena, sizeof(*kept) * (size_t)engine->job_count);
	for (struct job *job = engine->jobs; job; job = job->next) {
		if (job->ended)
			continue;
		owners[count] = job;
		claims[count++] = job->claim;
	}
	int64_t now = clock_now_ms();
	enum status st = queue_renew(engine->tokens.db, arena, claims, count, kept);
	if (st != STATUS_OK) {
		/* Without a renewed lease nothing more may be sent once it runs out. */
		if (now - engine->renewed_ms < (int64_t)(QUEUE_LEASE_SECONDS - 30) * 1000)
			return;
		log_error("leases_not_renewed jobs=%zu", count);
	}
	engine->renewed_ms = now;
	for (size_t i = 0; i < count; i++) {
		if (st != STATUS_OK || !kept[i])
			job_ended_by(owners[i], st != STATUS_OK ? st : STATUS_NOT_FOUND);
	}
}

static void run_timers(struct engine *engine)
{
	int64_t now = clock_now_ms();
	for (struct job *job = engine->jobs; job; job = job->next) {
		if (job->ended || job->wake_at_ms == 0 || job->wake_at_ms > now)
			continue;
		job->wake_at_ms = 0;
		job->wake(job);
	}
}

static int timeout_ms(const struct engine *engine)
{
	int64_t now = clock_now_ms();
	int64_t until = engine->polled_ms + POLL_MS;
	for (const struct job *job = engine->jobs; job; job = job->next) {
		if (job->ended)
			return 0;
		if (job->wake_at_ms && job->wake_at_ms < until)
			until = job->wake_at_ms;
	}
	return until <= now ? 0 : (int)(until - now);
}

/* A refresh under way is waited for: its answer is all that is left of the account's access (R2). */
static void stop_jobs(struct engine *engine)
{
	for (struct job *job = engine->jobs; job; job = job->next) {
		if (!job->ended && !job->token_awaited)
			job_stop(job);
	}
}

static bool is_done(const struct engine *engine)
{
	int64_t now = clock_now_ms();
	if (engine->job_count > 0 || upkeep_is_busy(engine->upkeep))
		return false;
	if (*engine->stop)
		return true;
	if (engine->once)
		return engine->claimed == 0 &&
		       (engine->unsettled <= 0 || now - engine->last_sent_ms > FOLLOW_ONCE_MS);
	return now >= engine->claims_end_ms;
}

/* Look at what is new: deliveries, other publishers' breakers, the queue. */
static enum status look(struct engine *engine)
{
	/* Deliveries are a shortcut: one that cannot be handled holds no post up. */
	enum status inbox = inbox_handle(engine->tokens.db, &engine->scratch,
					 engine->config->retention_removed_days);
	outage_read(engine->outage, engine);
	enum status st = claims_take(engine);
	return st == STATUS_OK ? inbox : st;
}

static enum status round_once(struct engine *engine)
{
	int64_t now = clock_now_ms();
	bool claims_open = (engine->once || now < engine->claims_end_ms) && !*engine->stop;
	enum status st = STATUS_OK;
	/* --once ends only when a look at the queue, with nothing in hand, has found nothing. */
	bool at_once = engine->once && engine->job_count == 0 && engine->claimed > 0;
	if (at_once || now - engine->polled_ms >= POLL_MS) {
		engine->polled_ms = now;
		engine->claimed = 0;
		if (claims_open)
			st = look(engine);
	} else if (claims_open && claims_are_wanted(engine)) {
		st = claims_take(engine);
	}
	if (now - engine->renewed_ms >= RENEW_MS)
		renew(engine);
	if (claims_open && now - engine->upkeep_ms >= UPKEEP_MS) {
		engine->upkeep_ms = now;
		upkeep_begin(engine->upkeep, engine);
	}
	run_timers(engine);
	settle(engine);
	if (!is_done(engine)) {
		http_run(engine->tokens.http, timeout_ms(engine));
		settle(engine);
	}
	arena_reset(&engine->scratch);
	return st;
}

enum status engine_run(struct engine *engine)
{
	engine->renewed_ms = clock_now_ms();
	engine->claims_end_ms = engine->renewed_ms + MINUTE_MS + OVERLAP_MS;
	engine->polled_ms = engine->upkeep_ms = engine->renewed_ms - MINUTE_MS;
	engine->upkeep = upkeep_new();
	engine->outage = outage_new(engine->config->tiktok_api_url);
	engine->notes_end = &engine->notes;
	enum status st = STATUS_OK;
	bool stopped = false;
	do {
		/* A database that is away for a moment is waited for; a lease outlives that. */
		enum status round = round_once(engine);
		if (round != STATUS_OK && engine->once)
			st = round;
		if (*engine->stop && !stopped) {
			stop_jobs(engine);
			stopped = true;
		}
	} while (!is_done(engine) && st == STATUS_OK);
	stop_jobs(engine);
	settle(engine);
	upkeep_free(engine->upkeep);
	outage_free(engine->outage);
	arena_reset(&engine->scratch);
	return st;
}
