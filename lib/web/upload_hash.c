/* One file after the other, in steps, without pushing others' files out of the page cache. */
#include "web/upload_hash.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/file.h"
#include "base/log.h"
#include "base/digest.h"
#include "base/token.h"
#include "media/part.h"
#include "store/db.h"
#include "store/video.h"
#include "web/pool.h"
#include "web/worker.h"

enum {
	POLL_MS = 2000,
	AFTER_FAILURE_MS = 5000,
	STEP_BYTES = 256 * 1024,
	FORGET_BYTES = 8 * 1024 * 1024, /* read ahead of what is dropped from the cache */
	LEASE_SECONDS = 120,
	RENEW_SECONDS = 30,
	UNREADABLE_SECONDS = 3600, /* until a file that is not there is looked for again */
	STOP_SECONDS = 2,
};

static struct config settings;
static const struct part_store *store;
static struct worker worker = WORKER_INIT;

static enum status renew(struct arena *arena, const struct video_claim *claim, int seconds)
{
	struct db *db;
	enum status st = pool_take(&settings, "upload", &db);
	if (st != STATUS_OK)
		return st;
	st = video_hash_renew(db, arena, claim, seconds);
	pool_give(db);
	return st;
}

/* STATUS_RETRY: told to stop; STATUS_NOT_FOUND: nobody wants it; STATUS_BROKEN: unreadable. */
static enum status read_all(struct arena *arena, const struct video_claim *claim, int fd,
			    struct digest *digest)
{
	unsigned char *step = arena_alloc(arena, STEP_BYTES);
	int64_t offset = 0, forgotten = 0;
	time_t renew_at = time(NULL) + RENEW_SECONDS;
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	for (;;) {
		ssize_t got = pread(fd, step, STEP_BYTES, offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got == 0 ? STATUS_OK : STATUS_BROKEN;
		digest_update(digest, step, (size_t)got);
		offset += got;
		if (offset - forgotten >= FORGET_BYTES) {
			posix_fadvise(fd, forgotten, offset - forgotten, POSIX_FADV_DONTNEED);
			forgotten = offset;
		}
		if (worker_is_stopping(&worker))
			return STATUS_RETRY;
		if (time(NULL) < renew_at)
			continue;
		renew_at = time(NULL) + RENEW_SECONDS;
		if (renew(arena, claim, LEASE_SECONDS) == STATUS_NOT_FOUND)
			return STATUS_NOT_FOUND;
	}
}

static enum status hash_file(struct arena *arena, const struct video_claim *claim,
			     char ret_hex[static DIGEST_HEX_SIZE])
{
	CLEANUP(fd_close)
	int fd = openat(store->videos, claim->file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		log_error("hash_file_unreadable video=%" PRId64 " error=%s", claim->id,
			  strerror(errno));
		return STATUS_BROKEN;
	}
	CLEANUP(digest_free) struct digest *digest = digest_new(DIGEST_SHA256);
	enum status st = read_all(arena, claim, fd, digest);
	if (st == STATUS_OK)
		digest_end_hex(digest, ret_hex);
	return st;
}

static enum status claim_next(struct arena *arena, struct video_claim *ret_claim)
{
	struct db *db;
	enum status st = pool_take(&settings, "upload", &db);
	if (st != STATUS_OK)
		return st;
	st = video_hash_claim(db, arena, LEASE_SECONDS, ret_claim);
	pool_give(db);
	return st;
}

static enum status write_hash(struct arena *arena, const struct video_claim *claim, const char *hex)
{
	struct db *db;
	enum status st = pool_take(&settings, "upload", &db);
	if (st != STATUS_OK)
		return st;
	st = video_hashed(db, arena, claim, hex);
	pool_give(db);
	if (st == STATUS_OK)
		log_info("video_hashed video=%" PRId64 " bytes=%" PRId64, claim->id, claim->size);
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

/* STATUS_NOT_FOUND: nothing to do. */
static enum status hash_one(void)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct video_claim claim;
	char hex[DIGEST_HEX_SIZE];
	enum status st = claim_next(&arena, &claim);
	if (st != STATUS_OK)
		return st;
	if (!token_is_name(claim.file))
		log_die("video_file_name_bad video=%" PRId64, claim.id);
	st = hash_file(&arena, &claim, hex);
	if (st == STATUS_OK)
		return write_hash(&arena, &claim, hex);
	enum status given =
		st == STATUS_NOT_FOUND
			? STATUS_OK
			: renew(&arena, &claim, st == STATUS_RETRY ? 0 : UNREADABLE_SECONDS);
	return given == STATUS_NOT_FOUND ? STATUS_OK : given;
}

static void *hash(void *argument)
{
	(void)argument;
	int wait_ms = 0;
	while (worker_wait(&worker, wait_ms)) {
		enum status st = hash_one();
		wait_ms = st == STATUS_OK ? 0 : st == STATUS_NOT_FOUND ? POLL_MS : AFTER_FAILURE_MS;
	}
	return NULL;
}

enum status upload_hash_start(const struct config *config, const struct part_store *part_store)
{
	settings = *config;
	store = part_store;
	return worker_start(&worker, hash, NULL);
}

void upload_hash_stop(void)
{
	worker_stop(&worker, STOP_SECONDS);
}
