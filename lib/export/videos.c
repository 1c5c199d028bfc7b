/* Files of videos. */
#include "export/videos.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/token.h"
#include "export/bundle.h"
#include "export/entry_name.h"
#include "export/task.h"

enum {
	VIDEOS_AT_ONCE = 100,
	COPY_BYTES = 256 * 1024,
};

static struct json_object *line_of(struct arena *arena, const struct export_video *video)
{
	struct json_object *line = json_object_new_object();
	json_add_string(line, "video_id", arena_printf(arena, "%" PRId64, video->id));
	return line;
}

static enum status leave_out(struct export_task *task, struct arena *arena,
			     const struct export_video *video, const char *problem)
{
	struct json_object *line = line_of(arena, video);
	log_warn("export_video_left_out export=%" PRId64 " video=%" PRId64 " problem=%s",
		 task->claim.id, video->id, problem);
	json_add_string(line, "path", NULL);
	json_add_int(line, "size", video->size);
	json_add_string(line, "sha256", video->sha256);
	json_add_string(line, "problem", problem);
	task->bytes += video->size;
	return export_task_note(task, line);
}

static enum status copy(struct export_task *task, int file, int64_t size)
{
	static char bytes[COPY_BYTES];
	enum status st = STATUS_OK;
	posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL);
	for (int64_t left = size; st == STATUS_OK && left > 0;) {
		size_t wanted = left < COPY_BYTES ? (size_t)left : COPY_BYTES;
		ssize_t got = file_read_all(file, bytes, wanted);
		if (got < 0 || (size_t)got != wanted) {
			log_error("export_read error=%s", got < 0 ? strerror(errno) : "too short");
			return STATUS_BROKEN;
		}
		st = bundle_write(task->bundle, bytes, wanted);
		left -= got;
		task->bytes += got;
		if (st == STATUS_OK)
			st = export_task_tick(task);
		FAILPOINT("export_video_part");
	}
	return st;
}

static enum status write_video(struct export_task *task, const struct export_video *video)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct stat found;
	if (!token_is_name(video->file))
		return STATUS_BROKEN;
	CLEANUP(fd_close)
	int file = openat(task->place->videos, video->file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (file < 0 && errno != ENOENT) {
		log_error("export_open error=%s", strerror(errno));
		return STATUS_BROKEN;
	}
	if (file < 0)
		return leave_out(task, &arena, video, "file_missing");
	if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode) || found.st_size != video->size)
		return leave_out(task, &arena, video, "size_differs");
	const char *path = entry_name(&arena, video->id, video->name, video->container);
	enum status st = bundle_begin(task->bundle, path, video->size, video->created);
	if (st == STATUS_OK)
		st = copy(task, file, video->size);
	FAILPOINT("export_video_written");
	return st == STATUS_OK
		       ? export_task_end_entry(task, path, line_of(&arena, video), video->sha256)
		       : st;
}

enum status videos_write(struct export_task *task)
{
	int64_t after = 0;
	enum status st = STATUS_OK;
	for (size_t count = 1; st == STATUS_OK && count > 0;) {
		CLEANUP(arena) struct arena arena = { 0 };
		struct export_video *videos;
		st = export_videos(task->place->db, &arena, &task->claim, after, VIDEOS_AT_ONCE,
				   &videos, &count);
		for (size_t i = 0; st == STATUS_OK && i < count; i++) {
			st = write_video(task, &videos[i]);
			after = videos[i].id;
		}
	}
	return st;
}
