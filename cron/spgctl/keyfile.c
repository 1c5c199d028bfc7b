/* Files of keys. */
#include "spgctl/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "spgctl/ctl.h"

enum { FILE_MAX_BYTES = 4096 };

static enum status complain_about(const char *what, const char *path)
{
	ctl_complain("%s %s: %s", what, path, strerror(errno));
	return STATUS_BROKEN;
}

static const char *folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return ".";
	return slash == path ? "/" : arena_strndup(arena, path, (size_t)(slash - path));
}

/* The name of a file is as safe on disk as its content. */
static int folder_sync(struct arena *arena, const char *path)
{
	CLEANUP(fd_close)
	int fd = open(folder_of(arena, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && fsync(fd) == 0 ? 0 : -1;
}

/* Make the file new, with exactly this mode, and its content safe on disk. */
static enum status write_new(const char *path, mode_t mode, const char *text)
{
	CLEANUP(fd_close)
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return complain_about("cannot create", path);
	if (fchmod(fd, mode) == 0 && file_write_all(fd, text, strlen(text)) == 0 && fsync(fd) == 0)
		return STATUS_OK;
	enum status st = complain_about("cannot write", path);
	unlink(path);
	return st;
}

enum status keyfile_make(struct arena *arena, const char *public_path, const char *secret_path)
{
	const char *public_key, *secret_key;
	secretbox_generate(arena, &public_key, &secret_key);
	if (write_new(secret_path, 0600, secret_key) != STATUS_OK)
		return STATUS_BROKEN;
	if (write_new(public_path, 0644, public_key) != STATUS_OK) {
		/* Half a pair is of no use, and would stand in the way of the next try. */
		unlink(secret_path);
		return STATUS_BROKEN;
	}
	if (folder_sync(arena, secret_path) != 0 || folder_sync(arena, public_path) != 0)
		return complain_about("cannot sync the folder of", public_path);
	return STATUS_OK;
}

/* Put text in the place of the file at once, for the same owner, group and mode. */
static enum status replace(struct arena *arena, const char *path, const char *text)
{
	const char *next = arena_printf(arena, "%s.next", path);
	struct stat about;
	if (stat(path, &about) != 0)
		return complain_about("cannot see", path);
	/* Of a run that was broken off. */
	unlink(next);
	enum status st = write_new(next, about.st_mode & 07777, text);
	if (st != STATUS_OK)
		return st;
	FAILPOINT("keyfile_written");
	if (lchown(next, about.st_uid, about.st_gid) != 0 ||
	    chmod(next, about.st_mode & 07777) != 0 || rename(next, path) != 0) {
		st = complain_about("cannot replace", path);
		unlink(next);
		return st;
	}
	FAILPOINT("keyfile_renamed");
	return folder_sync(arena, path) == 0 ? STATUS_OK
					     : complain_about("cannot sync the folder of", path);
}

static enum status read_text(struct arena *arena, const char *path, const char **ret_text,
			     time_t *ret_changed)
{
	struct stat about;
	CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = arena_alloc(arena, FILE_MAX_BYTES + 1);
	if (fd < 0 || fstat(fd, &about) != 0)
		return complain_about("cannot open", path);
	ssize_t length = file_read_all(fd, text, FILE_MAX_BYTES);
	if (length < 0)
		return complain_about("cannot read", path);
	text[length] = '\0';
	*ret_text = text;
	*ret_changed = about.st_mtime;
	return STATUS_OK;
}

/* The line of the public file that belongs to the last line becomes newest_public. */
static enum status lines_read(struct arena *arena, struct keyfile *file, const char *text)
{
	file->count = 0;
	while (*text) {
		size_t length = strcspn(text, "\n");
		const char *line = arena_strndup(arena, text, length);
		if (file->count == KEYFILE_KEYS_MAX ||
		    secretbox_secret_line(arena, line, file->ids[file->count],
					  &file->newest_public) != STATUS_OK) {
			ctl_complain("%s, line %zu: not a key, or too many of them",
				     file->secret_path, file->count + 1);
			return STATUS_BROKEN;
		}
		file->lines[file->count++] = line;
		text += length + (text[length] == '\n');
	}
	if (file->count == 0) {
		ctl_complain("%s holds no key", file->secret_path);
		return STATUS_BROKEN;
	}
	return STATUS_OK;
}

enum status keyfile_read(struct arena *arena, const char *public_path, const char *secret_path,
			 struct keyfile *ret_file)
{
	struct keyfile file = { .public_path = public_path, .secret_path = secret_path };
	const char *secret_text, *public_text;
	enum status st = read_text(arena, secret_path, &secret_text, &file.secret_changed);
	if (st == STATUS_OK)
		st = read_text(arena, public_path, &public_text, &file.public_changed);
	if (st == STATUS_OK)
		st = lines_read(arena, &file, secret_text);
	if (st != STATUS_OK)
		return st;
	file.is_switched = strcmp(public_text, file.newest_public) == 0;
	*ret_file = file;
	return STATUS_OK;
}

/* The secret file with the lines from first on, and one more (NULL: none); then read again. */
static enum status lines_write(struct arena *arena, struct keyfile *file, size_t first,
			       const char *more)
{
	const char *text = "";
	for (size_t i = first; i < file->count; i++)
		text = arena_printf(arena, "%s%s\n", text, file->lines[i]);
	enum status st = replace(arena, file->secret_path,
				 arena_printf(arena, "%s%s", text, more ? more : ""));
	return st == STATUS_OK ? keyfile_read(arena, file->public_path, file->secret_path, file)
			       : st;
}

enum status keyfile_add(struct arena *arena, struct keyfile *file)
{
	const char *public_key, *secret_key;
	if (file->count == KEYFILE_KEYS_MAX) {
		ctl_complain("%s holds %d keys: no more fit", file->secret_path, KEYFILE_KEYS_MAX);
		return STATUS_BROKEN;
	}
	secretbox_generate(arena, &public_key, &secret_key);
	return lines_write(arena, file, 0, secret_key);
}

enum status keyfile_drop_old(struct arena *arena, struct keyfile *file)
{
	return lines_write(arena, file, file->count - 1, NULL);
}

enum status keyfile_switch(struct arena *arena, struct keyfile *file)
{
	enum status st = replace(arena, file->public_path, file->newest_public);
	return st == STATUS_OK ? keyfile_read(arena, file->public_path, file->secret_path, file)
			       : st;
}

enum status keyfile_lock(struct arena *arena, const char *secret_path)
{
	/* Not the file itself: that is replaced. Open until the process ends. */
	int fd = open(folder_of(arena, secret_path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return complain_about("cannot open the folder of", secret_path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return STATUS_OK;
	ctl_complain("somebody else changes the keys right now");
	close(fd);
	return STATUS_BROKEN;
}
