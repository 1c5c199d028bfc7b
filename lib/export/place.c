/* The folder of archives. */
#include "export/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/file.h"
#include "base/log.h"
#include "base/token.h"
#include "base/words.h"
#include "export/task.h"
#include "store/db.h"
#include "store/export.h"

enum { NAMES_AT_ONCE = 100 };

static enum status folder_open(int media, const char *name, int flags, int *ret_fd)
{
	*ret_fd = openat(media, name, flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*ret_fd >= 0)
		return STATUS_OK;
	log_error("media_directory_unusable name=%s error=%s remedy=create it in media_dir as "
		  "deploy/tmpfiles.conf says",
		  name, strerror(errno));
	return STATUS_BROKEN;
}

enum status export_place_open(struct export_place *place)
{
	const struct config *config = place->config;
	CLEANUP(fd_close) int media = open(config->media_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	place->exports = place->videos = -1;
	enum status st = folder_open(media, "exports", O_RDONLY, &place->exports);
	if (st == STATUS_OK)
		st = folder_open(media, "videos", O_PATH, &place->videos);
	if (st == STATUS_OK)
		st = db_open(config->database, "exporter", &place->db);
	if (st == STATUS_OK)
		st = db_open(config->database, "exporter", &place->reader);
	return st;
}

void export_place_close(struct export_place *place)
{
	db_close(place->db);
	db_close(place->reader);
	fd_close_cleanup(&place->exports);
	fd_close_cleanup(&place->videos);
}

bool export_place_has_room(const struct export_place *place, int64_t bytes, int64_t reserve)
{
	struct statvfs disk;
	if (fstatvfs(place->exports, &disk) != 0)
		return true;
	return disk.f_bavail >= (uint64_t)(bytes + reserve) / disk.f_frsize;
}

enum status export_place_remove(const struct export_place *place, const char *file)
{
	if (unlinkat(place->exports, file, 0) == 0 || errno == ENOENT)
		return STATUS_OK;
	log_error("export_not_removed file=%.6s error=%s", file, strerror(errno));
	return STATUS_BROKEN;
}

static enum status remove_orphans_among(const struct export_place *place, struct arena *arena,
					const char *const *names, size_t count)
{
	const char **orphans;
	size_t orphan_count;
	enum status st = export_orphans(place->db, arena, names, count, &orphans, &orphan_count);
	for (size_t i = 0; st == STATUS_OK && i < orphan_count; i++) {
		st = export_place_remove(place, orphans[i]);
		log_info("export_file_removed file=%.6s", orphans[i]);
	}
	return st;
}

/* A row names its file before that is made, so one without a row is nobody's, however young. */
static enum status remove_orphans(const struct export_place *place)
{
	int fd = openat(place->exports, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	enum status st = STATUS_OK;
	if (!folder) {
		log_error("exports_unreadable error=%s", strerror(errno));
		fd_close_cleanup(&fd);
		return STATUS_BROKEN;
	}
	for (bool more = true; more && st == STATUS_OK;) {
		CLEANUP(arena) struct arena arena = { 0 };
		const char *names[NAMES_AT_ONCE];
		size_t count = 0;
		struct dirent *entry = NULL;
		while (count < NAMES_AT_ONCE && (entry = readdir(folder))) {
			if (token_is_name(entry->d_name))
				names[count++] = arena_strdup(&arena, entry->d_name);
		}
		more = entry != NULL;
		if (count > 0)
			st = remove_orphans_among(place, &arena, names, count);
	}
	closedir(folder);
	return st;
}

enum status export_place_sweep(const struct export_place *place)
{
	CLEANUP(arena) struct arena arena = { 0 };
	int64_t expired;
	enum status st =
		export_give_up(place->db, &arena, EXPORT_ATTEMPTS_MAX, "export_interrupted",
			       export_words(&arena, "export_interrupted"));
	if (st == STATUS_OK)
		st = export_expire(place->db, &expired);
	if (st == STATUS_OK && expired > 0)
		log_info("exports_expired count=%" PRId64, expired);
	return st == STATUS_OK ? remove_orphans(place) : st;
}
