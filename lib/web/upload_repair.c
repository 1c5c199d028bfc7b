/*
 * Making repairs. The name of the result is in the row before there is a file of it; the file is sealed
 * before it becomes a video; that and the end of the repair are one statement. So a death anywhere is
 * followed by doing the rest.
 */
#include "web/upload_repair.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/log.h"
#include "base/token.h"
#include "base/words.h"
#include "media/part.h"
#include "media/repair.h"
#include "media/video.h"
#include "store/db.h"
#include "store/repair_work.h"
#include "web/pool.h"
#include "web/upload_check.h"
#include "web/worker.h"

enum {
	POLL_MS = 2000,
	AFTER_FAILURE_MS = 5000,
	LEASE_SECONDS = 120,
	NOTE_SECONDS = 2, /* between two notes of how far it is */
	CRASH_SECONDS = 5,
	ATTEMPTS_MAX = 3,
	WRITE_SECONDS = 45,
	STOP_SECONDS = 4,
};

static struct config settings;
static const struct part_store *store;
static struct worker worker = WORKER_INIT;

/* One attempt. */
struct job {
	struct arena *arena;
	struct repair_claim claim;
	time_t noted_at;
	bool unwanted;	   /* its user has given it up */
	bool out_of_space; /* the disk is nearly full */
};

/* What an attempt comes to. */
enum end {
	END_OK,	       /* the result lies sealed in videos/ */
	END_FAILED,    /* for good */
	END_CRASHED,   /* counts, and is tried again */
	END_NOT_TRIED, /* does not count */
	END_UNWANTED,
};

static enum status note(struct job *job, int percent, int lease_seconds)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct db *db;
	enum status st = pool_take(&settings, "upload", &db);
	if (st != STATUS_OK)
		return st;
	st = repair_progress(db, &arena, &job->claim, percent, lease_seconds);
	pool_give(db);
	return st;
}

static bool on_progress(void *context, int percent)
{
	struct job *job = context;
	time_t now = time(NULL);
	if (worker_is_stopping(&worker))
		return false;
	if (now - job->noted_at < NOTE_SECONDS)
		return true;
	job->noted_at = now;
	/* A database that is away for a moment is no reason to throw work away. */
	job->unwanted = note(job, percent, LEASE_SECONDS) == STATUS_NOT_FOUND;
	job->out_of_space = !part_store_has_room(store, 0, settings.media_reserve_gb);
	return !job->unwanted && !job->out_of_space;
}

/* An empty, locked part for the result, or the sealed file of an attempt that died after that. */
static enum status output_open(const struct job *job, struct part *ret_part)
{
	enum status st = part_open(store, job->claim.output, /* wait_ms= */ 0, ret_part);
	if (st == STATUS_NOT_FOUND)
		st = part_create(store, job->claim.output, ret_part);
	if (st != STATUS_OK || ret_part->sealed)
		return st;
	st = part_cut(ret_part, 0);
	return st == STATUS_OK ? part_lend(ret_part) : st;
}

/* The media process says that it is whole: put it where videos are. */
static enum end seal(struct part *part)
{
	struct stat about;
	struct video_verdict verdict;
	if (fstat(part->fd, &about) != 0 || about.st_size == 0)
		return END_CRASHED;
	video_judge_size(about.st_size, &verdict);
	if (verdict.refusal != VIDEO_ACCEPTED)
		return END_CRASHED;
	part->length = about.st_size;
	FAILPOINT("repair_made");
	enum status st = part_sync(part);
	if (st == STATUS_OK)
		st = part_seal(part);
	return st == STATUS_OK ? END_OK : END_NOT_TRIED;
}

static enum end end_of_call(const struct job *job, enum repair_end end,
			    enum repair_failure *failure)
{
	switch (end) {
	case REPAIR_END_DONE:
		return END_OK;
	case REPAIR_END_FAILED:
		return END_FAILED;
	case REPAIR_END_GIVEN_UP:
		if (job->out_of_space)
			*failure = REPAIR_NO_ROOM;
		return job->unwanted	   ? END_UNWANTED
		       : job->out_of_space ? END_FAILED
					   : END_NOT_TRIED;
	case REPAIR_END_CRASHED:
		return END_CRASHED;
	case REPAIR_END_NOT_STARTED:
		break;
	}
	return END_NOT_TRIED;
}

static enum end code_anew(struct job *job, struct part *part, enum repair_failure *failure)
{
	CLEANUP(fd_close)
	int file = openat(store->videos, job->claim.file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	*failure = REPAIR_UNREADABLE;
	if (file < 0) {
		log_error("repair_file_unreadable video=%" PRId64 " error=%s", job->claim.video_id,
			  strerror(errno));
		return errno == ENOENT ? END_FAILED : END_NOT_TRIED;
	}
	if (!part_store_has_room(store, job->claim.size, settings.media_reserve_gb)) {
		*failure = REPAIR_NO_ROOM;
		return END_FAILED;
	}
	enum repair_end end =
		repair_file(settings.media_socket, file, part->fd, on_progress, job, failure);
	enum end result = end_of_call(job, end, failure);
	return result == END_OK ? seal(part) : result;
}

static enum end attempt(struct job *job, enum repair_failure *failure, int64_t *ret_size)
{
	CLEANUP(part) struct part part = PART_INIT;
	*failure = REPAIR_UNREADABLE;
	enum status st = output_open(job, &part);
	if (st == STATUS_REFUSED) {
		*failure = REPAIR_NO_ROOM;
		return END_FAILED;
	}
	if (st != STATUS_OK)
		return END_NOT_TRIED;
	enum end end = END_OK;
	if (!part.sealed)
		end = job->claim.attempt > ATTEMPTS_MAX ? END_FAILED
							: code_anew(job, &part, failure);
	*ret_size = part.length;
	if (end == END_FAILED || end == END_UNWANTED)
		part_remove(store, job->claim.output);
	return end;
}

static enum status write_failure(const struct job *job, struct db *db, const char *code)
{
	const struct words *words = words_find(code);
	return repair_failed(db, job->arena, &job->claim, code,
			     arena_printf(job->arena, "%s %s", words->cause.en, words->next.en));
}

/* Write what came of it. STATUS_NOT_FOUND: nobody wants it any more. */
static enum status write_end(struct job *job, enum end end, enum repair_failure failure,
			     int64_t size)
{
	struct db *db;
	int64_t video_id = 0;
	enum status st = pool_take(&settings, "upload", &db);
	if (st != STATUS_OK)
		return st;
	switch (end) {
	case END_OK:
		st = repair_done(db, job->arena, &job->claim, size, &video_id);
		break;
	case END_FAILED:
		st = write_failure(job, db, repair_failure_code(failure));
		break;
	case END_CRASHED:
		st = repair_progress(db, job->arena, &job->claim, 0, CRASH_SECONDS);
		break;
	case END_NOT_TRIED:
		st = repair_release(db, job->arena, &job->claim,
				    worker_is_stopping(&worker) ? 0 : AFTER_FAILURE_MS / 1000);
		break;
	case END_UNWANTED:
		break;
	}
	pool_give(db);
	if (st == STATUS_OK)
		log_info("repair_ended repair=%" PRId64 " original=%" PRId64 " end=%d code=%s"
			 " result=%" PRId64 " bytes=%" PRId64 " attempt=%d",
			 job->claim.id, job->claim.video_id, (int)end,
			 end == END_FAILED ? repair_failure_code(failure) : "-", video_id, size,
			 job->claim.attempt);
	return st;
}

/* Hours of work are worth some patience: the database may just be restarting. */
static enum status write_end_surely(struct job *job, enum end end, enum repair_failure failure,
				    int64_t size)
{
	for (int waited = 0;; waited += POLL_MS) {
		enum status st = write_end(job, end, failure, size);
		if (st != STATUS_RETRY || waited >= WRITE_SECONDS * 1000 ||
		    !worker_wait(&worker, POLL_MS))
			return st;
	}
}

static enum status repair_claimed(struct job *job)
{
	enum repair_failure failure;
	int64_t size = 0;
	if (!token_is_name(job->claim.file) || !token_is_name(job->claim.output))
		log_die("repair_file_name_bad repair=%" PRId64, job->claim.id);
	FAILPOINT("repair_claimed");
	enum end end = attempt(job, &failure, &size);
	FAILPOINT("repair_attempted");
	enum status st = write_end_surely(job, end, failure, size);
	FAILPOINT("repair_recorded");
	if (st == STATUS_NOT_FOUND || end == END_UNWANTED) {
		log_info("repair_unwanted repair=%" PRId64, job->claim.id);
		part_remove(store, job->claim.output);
		return STATUS_OK;
	}
	if (st == STATUS_OK && end == END_OK)
		upload_check_wake();
	return st == STATUS_OK && end == END_NOT_TRIED ? STATUS_RETRY : st;
}

/* STATUS_NOT_FOUND: nothing to do. */
static enum status repair_one(void)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct job job = { .arena = &arena, .noted_at = time(NULL) };
	struct db *db;
	enum status st = pool_take(&settings, "upload", &db);
	if (st != STATUS_OK)
		return st;
	st = repair_claim(db, &arena, LEASE_SECONDS, token_name(&arena), &job.claim);
	pool_give(db);
	return st == STATUS_OK ? repair_claimed(&job) : st;
}

static void *repair(void *argument)
{
	(void)argument;
	int wait_ms = 0;
	while (worker_wait(&worker, wait_ms)) {
		enum status st = repair_one();
		wait_ms = st == STATUS_OK ? 0 : st == STATUS_NOT_FOUND ? POLL_MS : AFTER_FAILURE_MS;
	}
	return NULL;
}

enum status upload_repair_start(const struct config *config, const struct part_store *part_store)
{
	settings = *config;
	store = part_store;
	return worker_start(&worker, repair, NULL);
}

void upload_repair_stop(void)
{
	worker_stop(&worker, STOP_SECONDS);
}
