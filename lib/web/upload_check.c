/* Checking videos. */
#include "web/upload_check.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/file.h"
#include "base/log.h"
#include "base/token.h"
#include "media/part.h"
#include "media/probe.h"
#include "store/db.h"
#include "store/video.h"
#include "web/pool.h"
#include "web/upload_finish.h"

enum {
	CHECKERS = 2, /* one hostile file does not keep the others waiting */
	STACK_BYTES = 256 * 1024,
	POLL_MS = 2000,
	AFTER_FAILURE_MS = 5000,
	SWEEP_SECONDS = 60,
	PROBE_MS = 60000,
	LEASE_SECONDS = 120, /* longer than a probe and the writing of its result */
	WRITE_SECONDS = 45,
	ATTEMPTS_MAX = 3,
	STOP_SECONDS = 2,
	FRAME_MODE = 0644,
};

struct checker {
	pthread_t thread;
	bool sweeps;
	pthread_mutex_t lock; /* of claim and busy */
	struct video_claim claim;
	bool busy;
};

static struct config settings;
static const struct part_store *store;
static struct checker checkers[CHECKERS];
static int wake_fd = -1;
static atomic_bool stopping;

void upload_check_wake(void)
{
	uint64_t one = 1;
	if (wake_fd >= 0 && write(wake_fd, &one, sizeof(one)) < 0)
		log_warn("checker_not_woken error=%s", strerror(errno));
}

static void wait_for_work(int timeout_ms)
{
	uint64_t count;
	struct pollfd wake = { .fd = wake_fd, .events = POLLIN };
	/* Both threads wake up; whoever reads first, both look for work. */
	if (poll(&wake, 1, timeout_ms) > 0 && !stopping &&
	    read(wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_warn("checker_wake_unreadable error=%s", strerror(errno));
}

static void set_busy(struct checker *checker, const struct video_claim *claim)
{
	pthread_mutex_lock(&checker->lock);
	checker->busy = claim != NULL;
	if (claim)
		checker->claim = *claim;
	pthread_mutex_unlock(&checker->lock);
}

static const char *const frame_suffixes[] = { ".jpg", ".strip.jpg" };

/* frames/FILE and its suffix, whole or not at all. */
static bool frame_write(const char *file, const char *suffix, const void *bytes, size_t size)
{
	char name[PART_NAME_SIZE], fresh[PART_NAME_SIZE];
	part_name(name, file, suffix);
	part_name(fresh, name, ".new");
	CLEANUP(fd_close)
	int fd = openat(store->frames, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
			FRAME_MODE);
	if (fd >= 0 && fchmod(fd, FRAME_MODE) == 0 && file_write_all(fd, bytes, size) == 0 &&
	    fdatasync(fd) == 0 && renameat(store->frames, fresh, store->frames, name) == 0 &&
	    fsync(store->frames) == 0)
		return true;
	log_error("frame_not_written file=%.6s error=%s", file, strerror(errno));
	unlinkat(store->frames, fresh, 0);
	return false;
}

static void frames_remove(const char *file)
{
	for (size_t i = 0; i < ARRAY_SIZE(frame_suffixes); i++) {
		char name[PART_NAME_SIZE];
		part_name(name, file, frame_suffixes[i]);
		unlinkat(store->frames, name, 0);
	}
}

static struct video_finding refusal(const char *code, const char *message)
{
	return (struct video_finding){ .reason_code = code, .reason_message = message };
}

static const char *known(const char *text)
{
	return *text ? text : NULL;
}

static struct video_finding finding_of_probe(const struct video_claim *claim,
					     const struct probe_result *result)
{
	bool has_thumbnail =
		result->thumbnail && frame_write(claim->file, frame_suffixes[0], result->thumbnail,
						 result->thumbnail_size);
	bool has_strip = result->strip && frame_write(claim->file, frame_suffixes[1], result->strip,
						      result->strip_size);
	return (struct video_finding){
		.ready = result->ok,
		.reason_code = result->ok ? NULL : result->code,
		.reason_message = result->ok ? NULL : result->message,
		.container = known(result->video.container),
		.codec = known(result->video.codec),
		.audio_codec = known(result->video.audio_codec),
		.width = result->video.width,
		.height = result->video.height,
		.rotation = result->video.rotation,
		.fps_milli = result->video.fps_milli,
		.duration_ms = result->video.duration_ms,
		.fps_variable = result->video.fps_variable,
		.has_location = result->video.has_location,
		.has_device = result->video.has_device,
		.has_thumbnail = has_thumbnail,
		.strip_frames = has_strip ? result->strip_frames : 0,
		.repairable = !result->ok && video_is_repairable(&result->video, result->code),
	};
}

/* STATUS_RETRY: could not be made now; STATUS_BROKEN: could not be made, and that counts. */
static enum status examine(struct arena *arena, const struct video_claim *claim,
			   struct video_finding *ret_finding)
{
	struct probe_result result;
	if (claim->attempt > ATTEMPTS_MAX) {
		*ret_finding = refusal("file_format_check_failed",
				       "The file could not be read. Export the video again as MP4 "
				       "with H.264 and upload it once more.");
		return STATUS_OK;
	}
	CLEANUP(fd_close)
	int fd = openat(store->videos, claim->file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		log_error("video_file_missing video=%" PRId64, claim->id);
		*ret_finding =
			refusal("file_missing", "The file is no longer on this server. Please "
						"upload it again.");
		return STATUS_OK;
	}
	if (fd < 0) {
		log_error("video_file_unreadable video=%" PRId64 " error=%s", claim->id,
			  strerror(errno));
		return STATUS_RETRY;
	}
	enum status st = probe_file(arena, settings.media_socket, fd, PROBE_MS, &result);
	if (st != STATUS_OK)
		return st;
	*ret_finding = finding_of_probe(claim, &result);
	return STATUS_OK;
}

enum answer { ANSWER_CHECKED, ANSWER_UNCLAIM };

/* A result is worth some patience: the database may just be restarting. */
static enum status answer_write(struct arena *arena, const struct video_claim *claim,
				enum answer answer, const struct video_finding *finding)
{
	for (int waited = 0;; waited += POLL_MS) {
		struct db *db;
		enum status st = pool_take(&settings, "upload", &db);
		if (st == STATUS_OK) {
			st = answer == ANSWER_CHECKED
				     ? video_checked(db, arena, claim, finding)
				     : video_unclaim(db, arena, claim, AFTER_FAILURE_MS / 1000);
			pool_give(db);
		}
		if (st != STATUS_RETRY || stopping || waited >= WRITE_SECONDS * 1000)
			return st;
		nanosleep(&(struct timespec){ .tv_sec = POLL_MS / 1000 }, NULL);
	}
}

static enum status claim_next(struct arena *arena, struct video_claim *ret_claim)
{
	struct db *db;
	enum status st = pool_take(&settings, "upload", &db);
	if (st != STATUS_OK)
		return st;
	st = video_claim(db, arena, LEASE_SECONDS, ret_claim);
	pool_give(db);
	return st;
}

static enum status claim_work(struct arena *arena, const struct video_claim *claim)
{
	struct video_finding finding;
	if (!token_is_name(claim->file))
		log_die("video_file_name_bad video=%" PRId64, claim->id);
	enum status st = examine(arena, claim, &finding);
	if (st == STATUS_RETRY)
		return answer_write(arena, claim, ANSWER_UNCLAIM, NULL) == STATUS_OK
			       ? STATUS_RETRY
			       : STATUS_BROKEN;
	if (st != STATUS_OK)
		return st;
	st = answer_write(arena, claim, ANSWER_CHECKED, &finding);
	if (st == STATUS_NOT_FOUND) {
		log_info("video_gone_while_checked video=%" PRId64, claim->id);
		frames_remove(claim->file);
	} else if (st == STATUS_OK) {
		log_info("video_checked video=%" PRId64 " state=%s code=%s bytes=%" PRId64
			 " attempt=%d",
			 claim->id, finding.ready ? "ready" : "refused",
			 finding.reason_code ? finding.reason_code : "-", claim->size,
			 claim->attempt);
	}
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

/* STATUS_NOT_FOUND: nothing to do. */
static enum status check_one(struct checker *checker)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct video_claim claim;
	enum status st = claim_next(&arena, &claim);
	if (st != STATUS_OK)
		return st;
	set_busy(checker, &claim);
	st = claim_work(&arena, &claim);
	set_busy(checker, NULL);
	return st;
}

static void *check(void *argument)
{
	struct checker *checker = argument;
	time_t next_sweep = 0;
	while (!stopping) {
		if (checker->sweeps && time(NULL) >= next_sweep) {
			upload_finish_rest(&settings, store);
			next_sweep = time(NULL) + SWEEP_SECONDS;
		} else if (checker->sweeps) {
			upload_finish_imports(&settings, store);
		}
		enum status st = check_one(checker);
		if (st != STATUS_OK && !stopping)
			wait_for_work(st == STATUS_NOT_FOUND ? POLL_MS : AFTER_FAILURE_MS);
	}
	return NULL;
}

enum status upload_check_start(const struct config *config, const struct part_store *part_store)
{
	pthread_attr_t attributes;
	settings = *config;
	store = part_store;
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake_fd < 0) {
		log_error("eventfd_unusable error=%s", strerror(errno));
		return STATUS_BROKEN;
	}
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	int error = 0;
	for (int i = 0; i < CHECKERS && error == 0; i++) {
		pthread_mutex_init(&checkers[i].lock, NULL);
		checkers[i].sweeps = i == 0;
		error = pthread_create(&checkers[i].thread, &attributes, check, &checkers[i]);
	}
	pthread_attr_destroy(&attributes);
	if (error != 0) {
		log_error("thread_not_started error=%s", strerror(error));
		return STATUS_BROKEN;
	}
	return STATUS_OK;
}

/* Its claim is given back without counting; should it still end in time, its word counts. */
static void checker_abandon(struct checker *checker)
{
	struct arena arena = { 0 };
	struct db *db;
	pthread_mutex_lock(&checker->lock);
	if (checker->busy && pool_take(&settings, "upload", &db) == STATUS_OK) {
		enum status st = video_unclaim(db, &arena, &checker->claim, 0);
		log_info("check_abandoned video=%" PRId64 " status=%s", checker->claim.id,
			 status_name(st));
		pool_give(db);
	}
	pthread_mutex_unlock(&checker->lock);
	arena_reset(&arena);
}

void upload_check_stop(void)
{
	if (wake_fd < 0)
		return;
	struct timespec until;
	stopping = true;
	upload_check_wake();
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_SECONDS;
	for (int i = 0; i < CHECKERS; i++) {
		if (pthread_timedjoin_np(checkers[i].thread, NULL, &until) != 0)
			checker_abandon(&checkers[i]);
	}
}
