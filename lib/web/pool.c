/* The idle connections of this process. */
#include "web/pool.h"

#include <pthread.h>
#include <stddef.h>

#include "base/config.h"
#include "store/db.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct db *idle[POOL_IDLE_MAX];
static size_t idle_count;

static struct db *idle_pop(void)
{
	pthread_mutex_lock(&lock);
	struct db *db = idle_count > 0 ? idle[--idle_count] : NULL;
	pthread_mutex_unlock(&lock);
	return db;
}

enum status pool_take(const struct config *config, const char *program, struct db **ret_db)
{
	struct db *db = idle_pop();
	if (!db && db_open(config->database, program, &db) != STATUS_OK)
		return STATUS_RETRY;
	*ret_db = db;
	return STATUS_OK;
}

void pool_give(struct db *db)
{
	if (!db)
		return;
	db_rollback(db);
	pthread_mutex_lock(&lock);
	if (idle_count < POOL_IDLE_MAX && db_is_alive(db)) {
		idle[idle_count++] = db;
		db = NULL;
	}
	pthread_mutex_unlock(&lock);
	db_close(db);
}

void pool_close(void)
{
	struct db *db;
	while ((db = idle_pop()) != NULL)
		db_close(db);
}
