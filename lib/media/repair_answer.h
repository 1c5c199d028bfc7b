/* What the media process says during a repair, taken as words of a process that strangers' files attack. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "media/probe_protocol.h"

struct repair_answer {
	int percent; /* never goes back */
	bool done;
	enum repair_failure failure; /* REPAIR_NO_FAILURE: none told */
	bool has_half;		     /* of a pair, in half */
	unsigned char half;
};

/*
 * Take some bytes of the stream that follows PROBE_STARTED, however it is cut. STATUS_INVALID when they
 * are not what the protocol says, anything after the end included; the answer is worth nothing then.
 */
MUST_CHECK enum status repair_answer_take(struct repair_answer *answer, const unsigned char *bytes,
					  size_t length);
