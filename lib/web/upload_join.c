/* The joining thread. */
#include "web/upload_join.h"

#include "base/arena.h"
#include "base/config.h"
#include "base/log.h"
#include "media/join.h"
#include "media/part.h"
#include "media/sidecar.h"
#include "store/db.h"
#include "store/upload.h"
#include "web/pool.h"
#include "web/upload_check.h"
#include "web/upload_finish.h"
#include "web/worker.h"

enum {
	STEP_MS = 1000, /* of one upload, then the next has its turn */
	PAUSE_MS = 1000,
	AT_ONCE = 100,
	STOP_SECONDS = 3,
};

static struct config settings;
static const struct part_store *store;
static struct worker worker = WORKER_INIT;

/* One step. STATUS_RETRY: there is more to do; STATUS_NOT_FOUND: nothing to be done by us. */
static enum status join_one(struct arena *arena, const char *id)
{
	struct sidecar sidecar;
	CLEANUP(part) struct part part = PART_INIT;
	/* Another one joins it, or it was given up. */
	if (part_open(store, id, /* wait_ms= */ 0, &part) != STATUS_OK ||
	    sidecar_read(store, arena, id, &sidecar) != STATUS_OK || sidecar.video_id != 0)
		return STATUS_NOT_FOUND;
	enum status st = STATUS_OK;
	if (!part.sealed && part.length < sidecar.length)
		st = join_step(&part, sidecar.part_count, STEP_MS);
	if (st != STATUS_OK)
		return STATUS_NOT_FOUND;
	if (!sidecar_is_complete(&sidecar, part.length))
		return STATUS_RETRY;
	st = upload_finish_locked(&settings, arena, &part, &sidecar);
	if (st == STATUS_OK)
		upload_check_wake();
	return st == STATUS_OK ? STATUS_OK : STATUS_NOT_FOUND;
}

/* One step of each; true when some have more to do. */
static bool join_all(void)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct db *db;
	const char *const *ids;
	size_t count;
	bool more = false;
	if (pool_take(&settings, "upload", &db) != STATUS_OK)
		return false;
	enum status st = upload_joining(db, &arena, AT_ONCE, &ids, &count);
	pool_give(db);
	for (size_t i = 0; st == STATUS_OK && i < count && !worker_is_stopping(&worker); i++)
		more |= join_one(&arena, ids[i]) == STATUS_RETRY;
	return more;
}

static void *join(void *argument)
{
	(void)argument;
	bool more = true;
	while (worker_wait(&worker, more ? 0 : PAUSE_MS))
		more = join_all();
	return NULL;
}

enum status upload_join_start(const struct config *config, const struct part_store *part_store)
{
	settings = *config;
	store = part_store;
	return worker_start(&worker, join, NULL);
}

void upload_join_stop(void)
{
	worker_stop(&worker, STOP_SECONDS);
}
