/* Sessions of uploads, checked at the beginning of a request and while it lasts. */
#include "web/upload_session.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/log.h"
#include "base/token.h"
#include "media/holder.h"
#include "media/sidecar.h"
#include "store/db.h"
#include "store/session.h"
#include "store/upload.h"
#include "web/pool.h"
#include "web/request.h"

enum {
	RECHECK_SECONDS = 5,
	AWAY_SECONDS = 5, /* after a failure the database is left alone for so long */
	KEEP_SECONDS_MIN = 3600,
	WATCHER_STACK_BYTES = 256 * 1024,
};

/* Unix time until which known sessions are let through without trying the database. */
static atomic_llong away_until;

int64_t upload_keep_seconds(const struct config *config)
{
	int64_t seconds = config->retention_uploads_days * 24 * 3600;
	return seconds < KEEP_SECONDS_MIN ? KEEP_SECONDS_MIN : seconds;
}

static const char *session_hash(struct request *req)
{
	/* Another purpose than the database's: a sidecar names no row of the session table. */
	return token_hash(req->arena, "session of an upload", req->session_id);
}

struct upload_session upload_session_fresh(struct request *req)
{
	return (struct upload_session){ session_hash(req), time(NULL), true };
}

static enum status database_ask(struct request *req, const char *id, int64_t *ret_user_id)
{
	struct db *db;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = session_find(db, req->arena, req->config, req->session_id, ret_user_id);
	if (st != STATUS_OK)
		return st;
	st = upload_extend(db, req->arena, id, upload_keep_seconds(req->config));
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

enum status upload_session_check(struct request *req, const char *id, const struct sidecar *sidecar,
				 struct upload_session *ret_session)
{
	const char *hash = session_hash(req);
	int64_t now = time(NULL), verified_at = sidecar_session_verified(sidecar, hash);
	bool known = verified_at != 0;
	int64_t user_id;
	*ret_session = (struct upload_session){ hash, verified_at, false };
	if (known && verified_at <= now && now - verified_at <= UPLOAD_SESSION_SECONDS)
		return STATUS_OK;
	if (known && now < atomic_load(&away_until))
		return STATUS_OK;
	enum status st = database_ask(req, id, &user_id);
	request_db_release(req);
	if (st == STATUS_RETRY) {
		atomic_store(&away_until, now + AWAY_SECONDS);
		return known ? STATUS_OK : STATUS_RETRY;
	}
	if (st == STATUS_NOT_FOUND)
		return STATUS_DENIED;
	if (st != STATUS_OK)
		return st;
	if (user_id != sidecar->user_id)
		return STATUS_NOT_FOUND;
	*ret_session = (struct upload_session){ hash, now, true };
	return STATUS_OK;
}

void upload_session_note(const struct config *config, struct sidecar *sidecar,
			 const struct upload_session *session)
{
	int64_t expires_at = session->verified_at + upload_keep_seconds(config);
	sidecar_session_note(sidecar, session->hash, session->verified_at);
	if (sidecar->video_id == 0 && expires_at > sidecar->expires_at)
		sidecar->expires_at = expires_at;
}

/* False when the database did not answer. */
static bool holder_recheck(const struct config *config, struct db *db, struct arena *arena,
			   const struct holder *holder)
{
	int64_t user_id;
	enum status st = session_find(db, arena, config, holder->session_id, &user_id);
	if (st == STATUS_NOT_FOUND || (st == STATUS_OK && user_id != holder->user_id)) {
		holder_revoke(holder);
		return true;
	}
	if (st != STATUS_OK)
		return false;
	st = upload_extend(db, arena, holder->id, upload_keep_seconds(config));
	if (st != STATUS_OK && st != STATUS_NOT_FOUND)
		return false;
	holder_note_verified(holder, time(NULL));
	return true;
}

static void holders_recheck(const struct config *config)
{
	struct holder holder;
	struct arena arena = { 0 };
	struct db *db = NULL;
	bool goes_on = time(NULL) >= atomic_load(&away_until);
	while (goes_on &&
	       holder_find_unverified(time(NULL) - UPLOAD_SESSION_SECONDS, &holder) == STATUS_OK) {
		goes_on = (db || pool_take(config, "upload", &db) == STATUS_OK) &&
			  holder_recheck(config, db, &arena, &holder);
		explicit_bzero(&holder, sizeof(holder));
		arena_reset(&arena);
		if (!goes_on)
			atomic_store(&away_until, time(NULL) + AWAY_SECONDS);
	}
	pool_give(db);
}

static void *watch(void *argument)
{
	const struct config *config = argument;
	for (;;) {
		nanosleep(&(struct timespec){ .tv_sec = RECHECK_SECONDS }, NULL);
		holders_recheck(config);
	}
	return NULL;
}

enum status upload_session_watch(const struct config *config)
{
	/* The thread outlives the caller's copy. */
	static struct config own;
	pthread_t thread;
	pthread_attr_t attributes;
	own = *config;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, WATCHER_STACK_BYTES);
	int error = pthread_create(&thread, &attributes, watch, &own);
	pthread_attr_destroy(&attributes);
	if (error != 0) {
		log_error("thread_not_started error=%s", strerror(error));
		return STATUS_BROKEN;
	}
	return STATUS_OK;
}
