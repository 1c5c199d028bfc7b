/* Have the media process code a file anew. */
#pragma once
#include <stdbool.h>

#include "base/status.h"
#include "media/probe_protocol.h"

/* Called about each second with how far it is, 0 to 100; false: give up. */
typedef bool repair_listener(void *context, int percent);

enum repair_end {
	REPAIR_END_DONE,     /* output is whole (not yet synced); what it is must be checked */
	REPAIR_END_FAILED,   /* it cannot be done, ret_failure says why */
	REPAIR_END_GIVEN_UP, /* the listener said so */
	REPAIR_END_CRASHED,  /* ended without a word, or talked nonsense; may be the file's fault */
	REPAIR_END_NOT_STARTED, /* nobody there, or busy with another repair */
};

/*
 * Have file (regular, opened read-only) coded anew into output (regular, empty, opened for reading and
 * writing); both stay the caller's. Takes as long as it takes, at most REPAIR_SECONDS_MAX. Faults are
 * logged.
 */
MUST_CHECK enum repair_end repair_file(const char *socket_path, int file, int output,
				       repair_listener *listener, void *context,
				       enum repair_failure *ret_failure);

/* The code of a failure; base/words.h has words for each. "" for none. */
const char *repair_failure_code(enum repair_failure failure);
