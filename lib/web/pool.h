/*
 * Database connections shared by the threads of one program: a thread has one while it works with
 * the database and gives it back, so that many slow requests do not hold many connections.
 */
#pragma once
#include "base/status.h"

struct config;
struct db;

enum {
	POOL_IDLE_MAX = 4,     /* connections kept open while nobody uses them */
	POOL_USED_MAX = 24,    /* in use by all threads of a process; further ones wait */
	POOL_WAIT_SECONDS = 5, /* but not longer than this */
};

/*
 * An idle connection, or a new one. STATUS_RETRY while the database is away, or too many threads
 * want it. Give it back.
 */
MUST_CHECK enum status pool_take(const struct config *config, const char *program,
				 struct db **ret_db);

/* Give db back (NULL is fine); an open transaction is rolled back. */
void pool_give(struct db *db);

/* Close the idle ones. */
void pool_close(void);
