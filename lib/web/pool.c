/* The connections of this process: some idle, never more than a few. */
#include "web/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <time.h>

#include "base/config.h"
#include "store/db.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t given = PTHREAD_COND_INITIALIZER;
static struct db *idle[POOL_IDLE_MAX];
static size_t idle_count, used_count;

/* A place, and the idle connection that may stand in it; false: none for too long. */
static bool place_take(struct db **ret_db)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += POOL_WAIT_SECONDS;
	pthread_mutex_lock(&lock);
	while (used_count == POOL_USED_MAX &&
	       pthread_cond_timedwait(&given, &lock, &until) != ETIMEDOUT)
		;
	bool taken = used_count < POOL_USED_MAX;
	*ret_db = taken && idle_count > 0 ? idle[--idle_count] : NULL;
	used_count += taken;
	pthread_mutex_unlock(&lock);
	return taken;
}

/* The place is free; db (NULL: none) stays open where there is room for it. Else the caller closes it. */
static struct db *place_give(struct db *db)
{
	pthread_mutex_lock(&lock);
	used_count--;
	if (db && idle_count < POOL_IDLE_MAX && db_is_alive(db)) {
		idle[idle_count++] = db;
		db = NULL;
	}
	pthread_cond_signal(&given);
	pthread_mutex_unlock(&lock);
	return db;
}

enum status pool_take(const struct config *config, const char *program, struct db **ret_db)
{
	struct db *db;
	if (!place_take(&db))
		return STATUS_RETRY;
	if (!db && db_open(config->database, program, &db) != STATUS_OK) {
		place_give(NULL);
		return STATUS_RETRY;
	}
	*ret_db = db;
	return STATUS_OK;
}

void pool_give(struct db *db)
{
	if (!db)
		return;
	db_rollback(db);
	db_close(place_give(db));
}

void pool_close(void)
{
	pthread_mutex_lock(&lock);
	while (idle_count > 0)
		db_close(idle[--idle_count]);
	pthread_mutex_unlock(&lock);
}
