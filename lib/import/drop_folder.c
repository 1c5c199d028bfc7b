/* Folders that others write to. */
#include "import/drop_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

enum { DEPTH_MAX = 32, TEXT_MODE = 0644 };

static const char error_suffix[] = ".error.txt";

/* A hidden name holds what is about to be removed; one at a time, as the folder is locked. */
static const char taken_prefix[] = ".spg-taken-";

/* Beneath directory, through no link of any kind; -1 with errno. */
static int open_beneath(int directory, const char *name, uint64_t flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC | O_NOFOLLOW,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
					   RESOLVE_NO_MAGICLINKS };
	return (int)syscall(SYS_openat2, directory, name, &how, sizeof(how));
}

enum status drop_folder_open(int drop_dir, const char *user, struct drop_folder *ret_folder)
{
	CLEANUP(fd_close) int fd = open_beneath(drop_dir, user, O_RDONLY | O_DIRECTORY);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EXDEV))
		return STATUS_NOT_FOUND;
	if (fd < 0) {
		log_error("drop_folder_unreadable user=%s error=%s remedy=give group spg_janitor "
			  "the right to read and write it",
			  user, strerror(errno));
		return STATUS_BROKEN;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return STATUS_CONFLICT;
	ret_folder->fd = fd;
	fd = -1;
	return STATUS_OK;
}

void drop_folder_close(struct drop_folder *folder)
{
	if (folder->fd >= 0)
		close(folder->fd);
	folder->fd = -1;
}

enum status drop_folder_look(const struct drop_folder *folder, const char *name,
			     struct stat *ret_found)
{
	return fstatat(folder->fd, name, ret_found, AT_SYMLINK_NOFOLLOW) == 0 ? STATUS_OK
									      : STATUS_NOT_FOUND;
}

enum status drop_folder_open_file(const struct drop_folder *folder, const char *name,
				  const struct stat *wanted, int *ret_fd)
{
	struct stat opened;
	/* Not blocking: it may have become a pipe meanwhile. */
	CLEANUP(fd_close) int fd = open_beneath(folder->fd, name, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return errno == EACCES || errno == EPERM ? STATUS_DENIED : STATUS_NOT_FOUND;
	if (fstat(fd, &opened) != 0 || !S_ISREG(opened.st_mode) ||
	    !drop_folder_is_same(wanted, &opened))
		return STATUS_NOT_FOUND;
	*ret_fd = fd;
	fd = -1;
	return STATUS_OK;
}

int64_t drop_folder_changed_us(const struct stat *file)
{
	return (int64_t)file->st_mtim.tv_sec * 1000000 + file->st_mtim.tv_nsec / 1000;
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool drop_folder_is_same(const struct stat *before, const struct stat *after)
{
	return before->st_dev == after->st_dev && before->st_ino == after->st_ino &&
	       before->st_size == after->st_size &&
	       is_same_time(&before->st_mtim, &after->st_mtim) &&
	       is_same_time(&before->st_ctim, &after->st_ctim);
}

/* A name of ours beside the file's; false: it would be too long. */
static bool name_beside(char beside[static NAME_MAX + 1], const char *prefix, const char *name,
			const char *suffix)
{
	int length = snprintf(beside, NAME_MAX + 1, "%s%s%s", prefix, name, suffix);
	return length > 0 && length <= NAME_MAX;
}

static bool is_that_file(const struct drop_folder *folder, const char *name, int64_t size,
			 int64_t changed_us)
{
	struct stat found;
	return drop_folder_look(folder, name, &found) == STATUS_OK && S_ISREG(found.st_mode) &&
	       found.st_size == size && drop_folder_changed_us(&found) == changed_us;
}

/*
 * Aside first: between a look at a name and its removal somebody could put another file there, and that
 * would be lost.
 */
enum status drop_folder_remove(const struct drop_folder *folder, const char *name, int64_t size,
			       int64_t changed_us)
{
	char aside[NAME_MAX + 1];
	if (!is_that_file(folder, name, size, changed_us) ||
	    !name_beside(aside, taken_prefix, name, ""))
		return STATUS_CONFLICT;
	if (renameat2(folder->fd, name, folder->fd, aside, RENAME_NOREPLACE) != 0) {
		if (errno == ENOENT)
			return STATUS_CONFLICT;
		log_warn("drop_file_not_removed error=%s remedy=let group spg_janitor write to the "
			 "folder",
			 strerror(errno));
		return STATUS_DENIED;
	}
	if (is_that_file(folder, aside, size, changed_us) && unlinkat(folder->fd, aside, 0) == 0)
		return fsync(folder->fd) == 0 ? STATUS_OK : STATUS_BROKEN;
	if (renameat2(folder->fd, aside, folder->fd, name, RENAME_NOREPLACE) != 0)
		log_warn("drop_file_left_aside error=%s", strerror(errno));
	return STATUS_CONFLICT;
}

void drop_folder_recover(const struct drop_folder *folder)
{
	int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	size_t prefix = sizeof(taken_prefix) - 1;
	if (!directory) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(directory)) != NULL) {
		if (strncmp(entry->d_name, taken_prefix, prefix) == 0 && entry->d_name[prefix] &&
		    renameat2(folder->fd, entry->d_name, folder->fd, entry->d_name + prefix,
			      RENAME_NOREPLACE) != 0)
			log_warn("drop_file_left_aside error=%s", strerror(errno));
	}
	closedir(directory);
}

void drop_folder_explain(const struct drop_folder *folder, const char *name, const char *text)
{
	char beside[NAME_MAX + 1];
	if (!name_beside(beside, "", name, error_suffix))
		return;
	unlinkat(folder->fd, beside, 0);
	CLEANUP(fd_close)
	int fd = openat(folder->fd, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			TEXT_MODE);
	if (fd < 0 || fchmod(fd, TEXT_MODE) != 0 || file_write_all(fd, text, strlen(text)) != 0)
		log_warn("drop_not_explained error=%s", strerror(errno));
}

void drop_folder_explain_no_more(const struct drop_folder *folder, const char *name)
{
	char beside[NAME_MAX + 1];
	if (name_beside(beside, "", name, error_suffix))
		unlinkat(folder->fd, beside, 0);
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Depth first, by one name after the other; links are removed and not followed. */
static bool empty(int directory, int depth)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	bool all = entries != NULL;
	if (!entries && fd >= 0)
		close(fd);
	while (entries && (entry = readdir(entries)) != NULL) {
		if (is_dots(entry->d_name) || unlinkat(directory, entry->d_name, 0) == 0)
			continue;
		CLEANUP(fd_close)
		int child = depth < DEPTH_MAX
				    ? open_beneath(directory, entry->d_name, O_RDONLY | O_DIRECTORY)
				    : -1;
		if (child < 0 || !empty(child, depth + 1) ||
		    unlinkat(directory, entry->d_name, AT_REMOVEDIR) != 0)
			all = false;
	}
	if (entries)
		closedir(entries);
	return all;
}

enum status drop_folder_erase(int drop_dir, const char *user)
{
	CLEANUP(fd_close) int fd = open_beneath(drop_dir, user, O_RDONLY | O_DIRECTORY);
	if (fd < 0 && errno == ENOENT)
		return STATUS_OK;
	if (fd < 0 || !empty(fd, 0)) {
		log_error("drop_folder_not_erased user=%s error=%s remedy=remove it", user,
			  strerror(errno));
		return STATUS_BROKEN;
	}
	/* The folder itself is the operator's where drop_dir is. */
	if (unlinkat(drop_dir, user, AT_REMOVEDIR) != 0)
		log_info("drop_folder_stays user=%s error=%s", user, strerror(errno));
	return STATUS_OK;
}
