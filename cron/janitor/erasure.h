/* The janitor's erasing of users who asked for it, and of accounts whose owners took access away. */
#pragma once
#include <signal.h>

#include "base/secret.h"
#include "base/status.h"
#include "import/intake.h"

struct erasure {
	struct intake_place place;
	const char *media_dir;
	struct secret
		record_key; /* of the keyed hash of erased accounts; bytes NULL: none is kept */
	const volatile sig_atomic_t *stopping;
};

/*
 * All that is due: users who are there again after a restored backup, accounts whose time is over, open requests.
 * One that fails, logged, does not stand in the way of the next. Waits for another janitor that is at it.
 */
MUST_CHECK enum status erasure_run(const struct erasure *erasure);

/* Only make requests for users who were erased before and are there again, and stop what they have planned. */
MUST_CHECK enum status erasure_restored(const struct erasure *erasure);
