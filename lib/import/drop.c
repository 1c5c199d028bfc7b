/* What lies in drop folders. */
#include "import/drop.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/file_name.h"
#include "base/log.h"
#include "base/number.h"
#include "base/utf8.h"
#include "base/words.h"
#include "import/drop_folder.h"
#include "store/drop.h"

enum {
	ROWS_AT_ONCE = 100,
	NAME_MAX_BYTES = 230, /* leaves room for the names that stand beside it */
	RETRY_SECONDS = 3600,
	COPY_BYTES = 16 * 1024 * 1024,
};

struct visit {
	const struct intake_place *place;
	const volatile sig_atomic_t *stopping;
	struct drop_folder folder;
	int64_t user_id;
};

static bool ends_with(const char *name, const char *suffix)
{
	size_t length = strlen(name), end = strlen(suffix);
	return length > end && strcasecmp(name + length - end, suffix) == 0;
}

static bool is_video_name(const char *name)
{
	static const char *const suffixes[] = { ".mp4", ".m4v", ".mov", ".qt", ".webm", ".mkv" };
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (ends_with(name, suffixes[i]))
			return true;
	}
	return false;
}

static struct drop_file file_of(const struct visit *visit, const char *name,
				const struct stat *found)
{
	return (struct drop_file){ .user_id = visit->user_id,
				   .name = name,
				   .size = found->st_size,
				   .changed_us = drop_folder_changed_us(found) };
}

static const char *title_of(struct arena *arena, const char *name)
{
	return file_name_clean(arena, name, strlen(name));
}

/* Report why a file is not taken. */
static enum status refuse(struct visit *visit, struct arena *arena, const struct drop_file *file,
			  const char *code, int64_t retry_seconds)
{
	const struct words *words = words_find(code);
	const char *message = arena_printf(arena, "%s %s", words->cause.en, words->next.en);
	enum status st = drop_fail(visit->place->db, arena, file, title_of(arena, file->name), code,
				   message, retry_seconds);
	if (st != STATUS_OK)
		return st;
	drop_folder_explain(&visit->folder, file->name, arena_printf(arena, "%s\n", message));
	log_info("drop_refused user=%" PRId64 " code=%s bytes=%" PRId64, visit->user_id, code,
		 file->size);
	return STATUS_OK;
}

/* All of it is copied and noted: it is not needed there any more. */
static enum status remove_source(struct visit *visit, const struct drop_row *row)
{
	drop_folder_explain_no_more(&visit->folder, row->name);
	FAILPOINT("drop_before_remove");
	enum status st = drop_folder_remove(&visit->folder, row->name, row->size, row->changed_us);
	FAILPOINT("drop_after_remove");
	/* Another file, or no right to: the row says that this one has been imported. */
	return st == STATUS_BROKEN ? st : STATUS_OK;
}

/* Copy in pieces, so that a stop is heard. STATUS_CONFLICT: the file has changed meanwhile. */
static enum status copy(struct visit *visit, int fd, const struct stat *found,
			struct intake *intake)
{
	struct stat after;
	enum status st = STATUS_OK;
	while (st == STATUS_OK && intake->part.length < found->st_size) {
		int64_t left = found->st_size - intake->part.length;
		if (*visit->stopping)
			return STATUS_RETRY;
		st = part_append_file(&intake->part, fd, intake->part.length,
				      left < COPY_BYTES ? left : COPY_BYTES);
	}
	FAILPOINT("drop_copied");
	/* Shorter than it was, or written to: what was copied may be half of one and half of another. */
	if (st != STATUS_REFUSED && (fstat(fd, &after) != 0 || !drop_folder_is_same(found, &after)))
		return STATUS_CONFLICT;
	return st;
}

/* The row and its upload. On STATUS_REFUSED ret_code says why. */
static enum status begin(struct visit *visit, struct arena *arena, const struct drop_file *file,
			 struct intake *intake, int64_t *ret_id, const char **ret_code)
{
	const struct intake_new fresh = { .user_id = file->user_id,
					  .length = file->size,
					  .name = title_of(arena, file->name),
					  .source = "drop" };
	enum status st = intake_begin(visit->place, arena, &fresh, intake, ret_code);
	if (st != STATUS_OK)
		return st;
	st = drop_attach(visit->place->db, arena, file, fresh.name, intake->id, ret_id);
	if (st == STATUS_OK)
		return intake_commit(visit->place, intake);
	intake_abort(visit->place, intake);
	return st;
}

static enum status take_copied(struct visit *visit, struct arena *arena, struct intake *intake,
			       const struct drop_row *row)
{
	enum status st = intake_complete(visit->place, arena, intake);
	if (st == STATUS_OK)
		st = drop_done(visit->place->db, arena, row->id);
	FAILPOINT("drop_done");
	if (st != STATUS_OK)
		return st;
	log_info("drop_taken user=%" PRId64 " bytes=%" PRId64, visit->user_id, row->size);
	return remove_source(visit, row);
}

static enum status take(struct visit *visit, struct arena *arena, const struct drop_file *file,
			const struct stat *found, int fd)
{
	CLEANUP(intake) struct intake intake = INTAKE_INIT;
	struct drop_row row = { .name = file->name,
				.size = file->size,
				.changed_us = file->changed_us };
	const char *code;
	enum status st = begin(visit, arena, file, &intake, &row.id, &code);
	if (st == STATUS_REFUSED)
		return refuse(visit, arena, file, code, RETRY_SECONDS);
	if (st != STATUS_OK)
		return st;
	FAILPOINT("drop_begun");
	st = copy(visit, fd, found, &intake);
	if (st == STATUS_OK)
		st = take_copied(visit, arena, &intake, &row);
	if (st == STATUS_OK)
		return STATUS_OK;
	/* Once complete it is a video's; else nothing of it stays, and the next run begins anew. */
	if (intake_is_complete(visit->place, intake.id))
		return st;
	enum status gone = intake_discard(visit->place, intake.id);
	if (gone == STATUS_OK)
		gone = st == STATUS_REFUSED
			       ? refuse(visit, arena, file, "import_disk_full", RETRY_SECONDS)
			       : drop_forget(visit->place->db, arena, row.id);
	return gone != STATUS_OK || st == STATUS_CONFLICT || st == STATUS_REFUSED ? gone : st;
}

/* A code of base/words.h where the file can be refused at first sight, else NULL. */
static const char *refusal_of(const char *name, const struct stat *found)
{
	if (strlen(name) > NAME_MAX_BYTES)
		return "drop_name";
	if (!S_ISREG(found->st_mode))
		return "drop_not_a_file";
	if (!is_video_name(name))
		return "drop_not_video";
	if (found->st_size == 0)
		return "import_empty";
	return found->st_size > INTAKE_MAX_BYTES ? "import_too_large" : NULL;
}

/* Its time of change can be set at will, that of its last write to anything cannot. */
static bool is_quiet(const struct visit *visit, const struct stat *found)
{
	return found->st_ctim.tv_sec <= time(NULL) - visit->place->config->drop_quiet_seconds;
}

static enum status consider(struct visit *visit, struct arena *arena, const char *name)
{
	struct stat found;
	struct drop_row row = { .state = "" };
	if (drop_folder_look(&visit->folder, name, &found) != STATUS_OK || !is_quiet(visit, &found))
		return STATUS_OK;
	struct drop_file file = file_of(visit, name, &found);
	enum status st = drop_find(visit->place->db, arena, visit->user_id, name, &row);
	if (st != STATUS_OK && st != STATUS_NOT_FOUND)
		return st;
	bool same = st == STATUS_OK && row.size == file.size && row.changed_us == file.changed_us;
	/* Of a video that is no more the file may have been dropped once more, its time kept. */
	if (same && strcmp(row.state, "done") == 0 && !row.is_lost)
		return remove_source(visit, &row);
	if (same && strcmp(row.state, "failed") == 0 && !row.is_due)
		return STATUS_OK;
	const char *code = refusal_of(name, &found);
	if (code)
		return refuse(visit, arena, &file, code, 0);
	CLEANUP(fd_close) int fd = -1;
	st = drop_folder_open_file(&visit->folder, name, &found, &fd);
	if (st == STATUS_DENIED)
		return refuse(visit, arena, &file, "drop_unreadable", 0);
	return st == STATUS_OK ? take(visit, arena, &file, &found, fd) : STATUS_OK;
}

/*
 * A row that is not done: of a run that died, or of a file that was not taken. A complete upload is, or
 * becomes, a video; all others are given up.
 */
static enum status settle(struct visit *visit, struct arena *arena, const struct drop_row *row)
{
	struct stat found;
	const struct intake_place *place = visit->place;
	if (strcmp(row->state, "running") == 0) {
		if (row->video_id != 0 ||
		    (row->upload_id && intake_is_complete(place, row->upload_id)))
			return drop_done(place->db, arena, row->id);
		enum status st = row->upload_id ? intake_discard(place, row->upload_id) : STATUS_OK;
		FAILPOINT("drop_settled");
		return st == STATUS_OK ? drop_forget(place->db, arena, row->id) : st;
	}
	if (drop_folder_look(&visit->folder, row->name, &found) == STATUS_OK)
		return STATUS_OK;
	drop_folder_explain_no_more(&visit->folder, row->name);
	return drop_forget(place->db, arena, row->id);
}

static enum status settle_all(struct visit *visit)
{
	int64_t after = 0;
	for (size_t count = 1; count > 0 && !*visit->stopping;) {
		CLEANUP(arena) struct arena arena = { 0 };
		struct drop_row *rows;
		enum status st = drop_open_rows(visit->place->db, &arena, visit->user_id, after,
						ROWS_AT_ONCE, &rows, &count);
		for (size_t i = 0; st == STATUS_OK && i < count; i++) {
			st = settle(visit, &arena, &rows[i]);
			after = rows[i].id;
		}
		if (st != STATUS_OK)
			return st;
	}
	return STATUS_OK;
}

/* Hidden ones are those that rsync is still writing; the others are our own words. */
static bool is_to_be_considered(const char *name)
{
	return *name != '.' && !ends_with(name, ".error.txt");
}

/* One file that fails does not stand in the way of the next. */
static enum status consider_all(struct visit *visit)
{
	enum status result = STATUS_OK;
	int fd = openat(visit->folder.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	if (!directory) {
		if (fd >= 0)
			close(fd);
		return STATUS_BROKEN;
	}
	while (!*visit->stopping && (entry = readdir(directory)) != NULL) {
		CLEANUP(arena) struct arena arena = { 0 };
		if (!is_to_be_considered(entry->d_name))
			continue;
		/* The database holds text; what is none cannot be reported by name. */
		if (!utf8_is_valid(entry->d_name, strlen(entry->d_name))) {
			log_warn("drop_name_is_no_text user=%" PRId64, visit->user_id);
			continue;
		}
		enum status st = consider(visit, &arena, entry->d_name);
		if (st == STATUS_NOT_FOUND || st == STATUS_INVALID)
			log_warn("drop_folder_of_nobody user=%" PRId64, visit->user_id);
		else if (st != STATUS_OK)
			result = st;
	}
	closedir(directory);
	return result;
}

static enum status visit_user(const struct intake_place *place, int drop_dir, const char *user,
			      const volatile sig_atomic_t *stopping)
{
	struct visit visit = { .place = place, .stopping = stopping };
	if (number_parse(user, 1, INT64_MAX, &visit.user_id) != STATUS_OK)
		return STATUS_OK;
	enum status st = drop_folder_open(drop_dir, user, &visit.folder);
	if (st == STATUS_NOT_FOUND || st == STATUS_CONFLICT)
		return STATUS_OK;
	if (st != STATUS_OK)
		return st;
	drop_folder_recover(&visit.folder);
	st = settle_all(&visit);
	if (st == STATUS_OK)
		st = consider_all(&visit);
	drop_folder_close(&visit.folder);
	return st;
}

static int drop_dir_open(const struct config *config)
{
	int fd = open(config->drop_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		log_error("drop_dir_unreadable error=%s", strerror(errno));
	return fd;
}

enum status drop_all(const struct intake_place *place, const volatile sig_atomic_t *stopping)
{
	enum status result = STATUS_OK;
	if (!place->config->drop_dir)
		return STATUS_OK;
	int fd = drop_dir_open(place->config);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	if (!directory) {
		if (fd >= 0)
			close(fd);
		return STATUS_BROKEN;
	}
	while (!*stopping && (entry = readdir(directory)) != NULL) {
		enum status st = visit_user(place, fd, entry->d_name, stopping);
		if (st != STATUS_OK) {
			log_error("drop_folder_failed user=%s status=%s", entry->d_name,
				  status_name(st));
			result = st;
		}
	}
	closedir(directory);
	return result;
}

enum status drop_erase(const struct intake_place *place, int64_t user_id)
{
	CLEANUP(arena) struct arena arena = { 0 };
	enum status st = drop_forget_user(place->db, &arena, user_id);
	if (st != STATUS_OK || !place->config->drop_dir)
		return st;
	CLEANUP(fd_close) int fd = drop_dir_open(place->config);
	/* What its owner has closed to us must not keep the rest: the log asks the operator to remove it. */
	if (fd >= 0 &&
	    drop_folder_erase(fd, arena_printf(&arena, "%" PRId64, user_id)) != STATUS_OK)
		log_warn("drop_folder_left user=%" PRId64, user_id);
	return STATUS_OK;
}
