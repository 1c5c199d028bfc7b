/* Have the media process code a file anew. */
#pragma once
#include <stdbool.h>

#include "base/status.h"
#include "media/probe_protocol.h"

/* Called about each second with how far it is, 0 to 100; false: give up. */
typedef bool repair_progress(void *context, int percent);

/*
 * Have file (regular, opened read-only) coded anew into output (regular, empty, opened for reading and
 * writing); both stay the caller's. Takes as long as it takes, at most REPAIR_SECONDS_MAX.
 *
 * STATUS_OK: output is whole (and not yet synced); what it is must be checked like any file.
 * STATUS_REFUSED: cannot be done; ret_failure says why. REPAIR_UNREADABLE also when the file brought
 * the process down or made it talk nonsense.
 * STATUS_CONFLICT: progress said to give up. STATUS_RETRY: nobody there, or busy with another repair.
 * STATUS_BROKEN: the system fails. Faults are logged here.
 */
MUST_CHECK enum status repair_file(const char *socket_path, int file, int output,
				   repair_progress *progress, void *context,
				   enum repair_failure *ret_failure);

/* The code and the words (what is wrong, what to do) of a failure, for users. */
const char *repair_failure_code(enum repair_failure failure);
const char *repair_failure_message(enum repair_failure failure);
