/* One export. */
#include "export/task.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/words.h"
#include "export/bundle.h"
#include "export/content.h"
#include "export/guide.h"
#include "export/videos.h"
#include "store/inventory.h"

enum {
	/* The database was away for so long that another exporter may be about to take over. */
	SILENCE_SECONDS = EXPORT_LEASE_SECONDS - 20,
	AGAIN_SECONDS = 30,
	COPY_BYTES = 64 * 1024,
	PERCENT_KINDS = 5,
	PERCENT_VIDEOS = 94,
};

/* Rows, directory and guide beside the videos, roughly. */
#define FREE_FOR_ROWS (INT64_C(50) * 1000 * 1000)
#define GIGABYTE      (INT64_C(1000) * 1000 * 1000)

const char *export_words(struct arena *arena, const char *code)
{
	const struct words *words = words_find(code);
	return arena_printf(arena, "%s %s", words->cause.en, words->next.en);
}

static int percent_of(const struct export_task *task)
{
	int64_t percent = (int64_t)task->kinds * PERCENT_KINDS / task->kinds_all;
	if (task->bytes_all > 0)
		percent += task->bytes * PERCENT_VIDEOS / task->bytes_all;
	return percent < 100 ? (int)percent : 99;
}

enum status export_task_tick(struct export_task *task)
{
	CLEANUP(arena) struct arena arena = { 0 };
	if (*task->place->stopping)
		return STATUS_RETRY;
	int64_t now = clock_now_s();
	if (now == task->ticked_at)
		return STATUS_OK;
	task->ticked_at = now;
	/* Another export may have begun meanwhile: what uploads are promised stays free. */
	if (!export_place_has_room(task->place, 0,
				   task->place->config->media_reserve_gb * GIGABYTE)) {
		log_warn("export_disk_nearly_full export=%" PRId64, task->claim.id);
		return STATUS_REFUSED;
	}
	enum status st = export_progress(task->place->db, &arena, &task->claim, percent_of(task),
					 EXPORT_LEASE_SECONDS);
	FAILPOINT("export_progress");
	if (st == STATUS_OK)
		task->heard_at = now;
	else if (st == STATUS_NOT_FOUND || now - task->heard_at >= SILENCE_SECONDS)
		return STATUS_NOT_FOUND;
	return STATUS_OK;
}

enum status export_task_note(struct export_task *task, struct json_object *line)
{
	CLEANUP(arena) struct arena arena = { 0 };
	CLEANUP(json_object_put) struct json_object *owned = line;
	bool first = lseek(task->manifest, 0, SEEK_CUR) == 0;
	const char *text =
		arena_printf(&arena, "%s\n%s", first ? "" : ",", json_text(&arena, owned));
	if (file_write_all(task->manifest, text, strlen(text)) == 0)
		return STATUS_OK;
	log_error("export_manifest_write error=%s", strerror(errno));
	return errno == ENOSPC ? STATUS_REFUSED : STATUS_BROKEN;
}

enum status export_task_end_entry(struct export_task *task, const char *path,
				  struct json_object *more, const char *sha256_expected)
{
	char sha256[DIGEST_HEX_SIZE];
	CLEANUP(json_object_put) struct json_object *line = more ? more : json_object_new_object();
	int64_t size = bundle_entry_size(task->bundle);
	enum status st = bundle_end(task->bundle, sha256);
	if (st != STATUS_OK)
		return st;
	json_add_string(line, "path", path);
	json_add_int(line, "size", size);
	json_add_string(line, "sha256", sha256);
	if (sha256_expected && strcmp(sha256, sha256_expected) != 0) {
		log_error("export_video_damaged export=%" PRId64, task->claim.id);
		json_add_string(line, "problem", "damaged");
	}
	return export_task_note(task, TAKE_POINTER(line));
}

static enum status write_text(struct export_task *task, const char *text)
{
	return bundle_write(task->bundle, text, strlen(text));
}

/* All lines that were noted, between the braces of one object. */
static enum status write_manifest(struct export_task *task)
{
	static char bytes[COPY_BYTES];
	char sha256[DIGEST_HEX_SIZE];
	enum status st =
		bundle_begin(task->bundle, "manifest.json", BUNDLE_SIZE_UNKNOWN, task->began);
	if (st == STATUS_OK)
		st = write_text(task, "{\"format\": 1, \"files\": [");
	if (st == STATUS_OK && lseek(task->manifest, 0, SEEK_SET) != 0)
		st = STATUS_BROKEN;
	for (ssize_t got = 1; st == STATUS_OK && got > 0;) {
		got = file_read_all(task->manifest, bytes, sizeof(bytes));
		st = got < 0 ? STATUS_BROKEN : bundle_write(task->bundle, bytes, (size_t)got);
	}
	if (st == STATUS_OK)
		st = write_text(task, "\n]}\n");
	return st == STATUS_OK ? bundle_end(task->bundle, sha256) : st;
}

static enum status write_guide(struct export_task *task)
{
	static const char path[] = "README.txt";
	enum status st = bundle_begin(task->bundle, path, BUNDLE_SIZE_UNKNOWN, task->began);
	if (st == STATUS_OK)
		st = write_text(task, guide_text(&task->arena, task->claim.with_videos));
	return st == STATUS_OK ? export_task_end_entry(task, path, NULL, NULL) : st;
}

static enum status check_room(struct export_task *task)
{
	int64_t reserve = task->place->config->media_reserve_gb * GIGABYTE;
	enum status st = STATUS_OK;
	if (task->claim.with_videos)
		st = export_video_bytes(task->place->db, &task->arena, &task->claim,
					&task->bytes_all);
	if (st == STATUS_OK &&
	    !export_place_has_room(task->place, task->bytes_all + FREE_FOR_ROWS, reserve))
		st = STATUS_REFUSED;
	return st;
}

static enum status open_files(struct export_task *task)
{
	task->manifest = openat(task->place->exports, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (task->manifest < 0) {
		log_error("export_manifest_not_made error=%s", strerror(errno));
		return errno == ENOSPC ? STATUS_REFUSED : STATUS_BROKEN;
	}
	enum status st = bundle_create(task->place->exports, task->claim.file, &task->bundle);
	FAILPOINT("export_file_made");
	return st;
}

/* STATUS_OK: the archive is whole and on the disk. */
static enum status make(struct export_task *task, int64_t *ret_size)
{
	enum status st = check_room(task);
	if (st == STATUS_OK)
		st = open_files(task);
	if (st == STATUS_OK)
		st = write_guide(task);
	if (st == STATUS_OK)
		st = content_write(task);
	FAILPOINT("export_rows_written");
	if (st == STATUS_OK && task->claim.with_videos)
		st = videos_write(task);
	if (st == STATUS_OK)
		st = write_manifest(task);
	if (st == STATUS_OK)
		st = bundle_finish(task->bundle, ret_size);
	FAILPOINT("export_finished");
	return st;
}

static enum status fail(struct export_task *task, const char *code)
{
	log_warn("export_failed export=%" PRId64 " user=%" PRId64 " code=%s attempt=%d",
		 task->claim.id, task->claim.user_id, code, task->claim.attempt);
	return export_fail(task->place->db, &task->arena, &task->claim, code,
			   export_words(&task->arena, code));
}

static enum status give_back(struct export_task *task, int64_t seconds, bool uncount)
{
	log_info("export_waits export=%" PRId64 " attempt=%d seconds=%" PRId64, task->claim.id,
		 task->claim.attempt, seconds);
	return export_wait(task->place->db, &task->arena, &task->claim, seconds, uncount);
}

/* The row first: whoever reads it never finds an archive that is about to go. */
static enum status end_badly(struct export_task *task, enum status why)
{
	enum status st;
	if (why == STATUS_NOT_FOUND) {
		log_info("export_cancelled export=%" PRId64, task->claim.id);
		st = STATUS_OK;
	} else if (why == STATUS_REFUSED) {
		st = fail(task, "export_no_room");
	} else if (*task->place->stopping) {
		st = give_back(task, 0, true);
	} else if (task->claim.attempt >= EXPORT_ATTEMPTS_MAX) {
		st = fail(task, "export_interrupted");
	} else {
		st = give_back(task, (int64_t)AGAIN_SECONDS * task->claim.attempt, false);
	}
	enum status removed = export_place_remove(task->place, task->claim.file);
	if (st == STATUS_OK || st == STATUS_NOT_FOUND)
		st = removed;
	return st;
}

static enum status end_well(struct export_task *task, int64_t size)
{
	enum status st = export_done(task->place->db, &task->arena, &task->claim, size,
				     task->place->config->export_hours);
	FAILPOINT("export_done");
	if (st == STATUS_NOT_FOUND)
		return end_badly(task, st);
	/* Whether it was noted is not known when the database went away: its lease tells later. */
	if (st == STATUS_OK)
		log_info("export_ready export=%" PRId64 " user=%" PRId64 " bytes=%" PRId64
			 " attempt=%d",
			 task->claim.id, task->claim.user_id, size, task->claim.attempt);
	return st;
}

static void task_close(struct export_task *task)
{
	bundle_close(task->bundle);
	fd_close_cleanup(&task->manifest);
	arena_reset(&task->arena);
}

enum status export_task_run(const struct export_place *place)
{
	struct export_task task = { .place = place,
				    .manifest = -1,
				    .began = time(NULL),
				    .kinds_all = (int)inventory_count };
	int64_t size = 0;
	enum status st = export_claim(place->db, &task.arena, EXPORT_LEASE_SECONDS, EXPORTS_AT_ONCE,
				      EXPORT_ATTEMPTS_MAX, &task.claim);
	if (st == STATUS_OK) {
		FAILPOINT("export_claimed");
		task.ticked_at = task.heard_at = clock_now_s();
		st = make(&task, &size);
		st = st == STATUS_OK ? end_well(&task, size) : end_badly(&task, st);
	}
	task_close(&task);
	return st;
}
