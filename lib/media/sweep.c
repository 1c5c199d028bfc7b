/* Unlinking, strictly. */
#include "media/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/token.h"
#include "media/join.h"

enum { ID_LENGTH = PART_ID_SIZE - 1 };

struct sweep {
	DIR *directory;
	int folder; /* the store's descriptor */
};

static enum status remove_at(int folder, const char *name)
{
	if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
		return STATUS_OK;
	log_error("file_not_removed file=%.6s error=%s", name, strerror(errno));
	return STATUS_BROKEN;
}

/* The id that a file name of ours begins with: all of it, or up to a dot. False: not ours. */
static bool id_of(const char *name, char id[static PART_ID_SIZE])
{
	if (strcspn(name, ".") != ID_LENGTH)
		return false;
	memcpy(id, name, ID_LENGTH);
	id[ID_LENGTH] = '\0';
	return token_is_name(id);
}

enum status sweep_remove(const struct part_store *store, const char *path)
{
	static const char videos[] = "videos/", frames[] = "frames/";
	char id[PART_ID_SIZE];
	bool is_frame = strncmp(path, frames, strlen(frames)) == 0;
	if (!is_frame && strncmp(path, videos, strlen(videos)) != 0)
		return STATUS_INVALID;
	const char *name = path + strlen(is_frame ? frames : videos);
	if (!id_of(name, id))
		return STATUS_INVALID;
	const char *suffix = name + ID_LENGTH;
	if (is_frame ? strcmp(suffix, ".jpg") != 0 && strcmp(suffix, ".strip.jpg") != 0
		     : *suffix != '\0')
		return STATUS_INVALID;
	return remove_at(is_frame ? store->frames : store->videos, name);
}

enum status sweep_remove_upload(const struct part_store *store, const char *id)
{
	static const char *const suffixes[] = { ".part", ".want", ".info.new", ".info" };
	if (!token_is_name(id))
		return STATUS_INVALID;
	enum status result = join_unlink(store, id);
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		char name[PART_NAME_SIZE];
		part_name(name, id, suffixes[i]);
		enum status st = remove_at(store->parts, name);
		if (st != STATUS_OK)
			result = st;
	}
	return result;
}

enum status sweep_remove_video(const struct part_store *store, const char *name)
{
	static const char *const suffixes[] = { ".jpg", ".strip.jpg" };
	if (!token_is_name(name))
		return STATUS_INVALID;
	enum status result = remove_at(store->videos, name);
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		char frame[PART_NAME_SIZE];
		part_name(frame, name, suffixes[i]);
		enum status st = remove_at(store->frames, frame);
		if (st != STATUS_OK)
			result = st;
	}
	return result;
}

const char *sweep_folder_name(enum sweep_folder folder)
{
	switch (folder) {
	case SWEEP_PARTS:
		return "parts";
	case SWEEP_VIDEOS:
		return "videos";
	case SWEEP_FRAMES:
		return "frames";
	}
	return "unknown";
}

enum status sweep_open(const struct part_store *store, enum sweep_folder folder,
		       struct sweep **ret_sweep)
{
	int at = folder == SWEEP_PARTS	  ? store->parts
		 : folder == SWEEP_VIDEOS ? store->videos
					  : store->frames;
	/* A descriptor of its own: the store's is shared with whoever else walks. */
	int fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
	if (!directory) {
		log_error("folder_unreadable folder=%s error=%s", sweep_folder_name(folder),
			  strerror(errno));
		if (fd >= 0)
			close(fd);
		return STATUS_BROKEN;
	}
	struct sweep *sweep = calloc(1, sizeof(*sweep));
	if (!sweep)
		log_die("out_of_memory");
	*sweep = (struct sweep){ directory, at };
	*ret_sweep = sweep;
	return STATUS_OK;
}

void sweep_close(struct sweep *sweep)
{
	closedir(sweep->directory);
	free(sweep);
}

static bool is_old_file(const struct sweep *sweep, const char *name, int64_t age_seconds)
{
	struct stat found;
	return fstatat(sweep->folder, name, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(found.st_mode) && found.st_mtime < time(NULL) - age_seconds;
}

size_t sweep_next(struct sweep *sweep, struct arena *arena, int64_t age_seconds,
		  struct sweep_file *ret_files, size_t max, int64_t *ret_foreign)
{
	size_t count = 0;
	const struct dirent *entry;
	while (count < max && (entry = readdir(sweep->directory)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		char id[PART_ID_SIZE];
		if (!id_of(entry->d_name, id))
			(*ret_foreign)++;
		else if (is_old_file(sweep, entry->d_name, age_seconds))
			ret_files[count++] =
				(struct sweep_file){ arena_strdup(arena, entry->d_name),
						     arena_strdup(arena, id) };
	}
	return count;
}

enum status sweep_remove_file(const struct sweep *sweep, const char *name)
{
	if (strchr(name, '/'))
		return STATUS_INVALID;
	return remove_at(sweep->folder, name);
}
