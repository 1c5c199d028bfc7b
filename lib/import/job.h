/*
 * One download, from its claim to its end: bytes go straight into an upload of its user (import/intake.h).
 * What breaks off is gone on with later where its server allows that; after a kill too, from what is safe.
 */
#pragma once
#include <stdbool.h>

#include "base/status.h"
#include "import/intake.h"

struct fetcher;
struct job;

enum {
	JOB_LEASE_SECONDS = 60,
	JOB_ATTEMPTS_MAX = 5,
};

/*
 * Claim the next download and start it. at_once, of_user: limits of import_claim().
 * STATUS_NOT_FOUND: none is due. The job is over when job_is_over(); job_close() frees it.
 */
MUST_CHECK enum status job_claim(const struct intake_place *place, struct fetcher *fetcher,
				 int at_once, int of_user, struct job **ret_job);

/* It has ended, or is no longer ours. */
bool job_is_over(const struct job *job);

/* About each second or more often: notes progress, renews the lease, learns that it was cancelled. */
void job_tick(struct job *job);

/* Give it back at once, to be gone on with by another process; it is over then. */
void job_release(struct job *job);

/* Free it; one that is not over is left to its lease. */
void job_close(struct job *job);

/* Remove what cancelled downloads have left. */
MUST_CHECK enum status job_remove_strays(const struct intake_place *place);
