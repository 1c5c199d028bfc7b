/*
 * The publisher's loop: one process, one thread, many posts at once. It claims what falls due, keeps
 * the leases, runs timers and transfers, has the writes of each round made together, and ends when
 * its time is over and its jobs are done.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "publish/token.h"

struct batch_note;
struct config;
struct job;
struct outage;

/*
 * What falls due in this time is taken and waited for; what falls due later is only prepared, and
 * stays free for whoever is there at its second.
 */
enum { ENGINE_HORIZON_S = 2 };

struct engine {
	const struct config *config;
	struct token_source tokens; /* database, http, tiktok, keys */
	int media_dir;		    /* descriptor of media_dir/videos */
	bool once;		    /* drain what is due now, then end */
	const volatile bool *stop;  /* set by a signal */

	struct job *jobs;
	int job_count;
	int claimed;   /* by the last look at the queue */
	bool more_due; /* there was more than could be taken */
	int64_t claims_end_ms, renewed_ms, polled_ms, ahead_ms, upkeep_ms;
	/* --once stays a little for the answers to what it has sent itself */
	int unsettled;
	int64_t last_sent_ms;
	struct arena scratch; /* reset every round */
	struct upkeep *upkeep;
	struct outage *outage;
	struct batch_note *notes, **notes_end; /* not written yet */
};

/* Run until done; STATUS_RETRY when the database could not be reached at all. */
MUST_CHECK enum status engine_run(struct engine *engine);

/* A job of this engine has changed a post's state. */
void engine_moved(struct engine *engine, const char *from, const char *to);
