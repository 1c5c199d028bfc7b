/* Handing a mail to the mail program of this machine. */
#pragma once
#include "base/status.h"

struct sendmail_end {
	const char *how; /* "exit", "signal", "timeout", "start" */
	int code;	 /* the exit status, signal or errno; 0 for a timeout */
};

/*
 * Run `program -t -i` with text on its standard input: no shell, no environment but PATH, no other descriptor, its
 * output thrown away. It has timeout_ms, then it and what it has started are killed. STATUS_RETRY: it did not end
 * with 0; ret_end says how. A signal to this process does not cut it short.
 */
MUST_CHECK enum status sendmail_run(const char *program, const char *text, int timeout_ms,
				    struct sendmail_end *ret_end);
