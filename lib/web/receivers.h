/* Who may bring bytes at the moment: so many requests of this process, and of one user. Thread-safe. */
#pragma once
#include <stdint.h>

enum receivers_answer {
	RECEIVERS_WELCOME,
	RECEIVERS_FULL,	     /* the process has no place left */
	RECEIVERS_USER_FULL, /* the user has all places that one may have */
};

/* Set the limits, before any thread is there. */
void receivers_open(int max, int64_t max_per_user);

/* Take a place; after RECEIVERS_WELCOME it must be given back. */
enum receivers_answer receivers_enter(int64_t user_id);
void receivers_leave(int64_t user_id);
