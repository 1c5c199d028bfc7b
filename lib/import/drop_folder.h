/*
 * One folder that a stranger writes to while we read: opened beneath drop_dir without following a link
 * anywhere, and all its names are taken as single names in it. What was imported is removed only while
 * it is still the same file.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/status.h"

struct arena;

struct drop_folder {
	int fd; /* locked against other janitors */
};

/* Open and lock drop_dir/USER. STATUS_NOT_FOUND: there is none; STATUS_CONFLICT: another janitor has it. */
MUST_CHECK enum status drop_folder_open(int drop_dir, const char *user,
					struct drop_folder *ret_folder);
void drop_folder_close(struct drop_folder *folder);

/* What the name is now, without following it. STATUS_NOT_FOUND: gone. */
MUST_CHECK enum status drop_folder_look(const struct drop_folder *folder, const char *name,
					struct stat *ret_found);

/*
 * Open that very file for reading. STATUS_NOT_FOUND: it is gone or another one; STATUS_DENIED: it may not
 * be read.
 */
MUST_CHECK enum status drop_folder_open_file(const struct drop_folder *folder, const char *name,
					     const struct stat *wanted, int *ret_fd);

/* The time of its last change, in microseconds of Unix time. */
int64_t drop_folder_changed_us(const struct stat *file);

/* True when content, owner and mode are what they were. */
bool drop_folder_is_same(const struct stat *before, const struct stat *after);

/*
 * Remove the file of this size and time of change; another one that has come to its place stays.
 * STATUS_CONFLICT: that was so; STATUS_DENIED (logged): the folder does not let us.
 */
MUST_CHECK enum status drop_folder_remove(const struct drop_folder *folder, const char *name,
					  int64_t size, int64_t changed_us);

/* A death during drop_folder_remove() leaves the file aside: put it back. */
void drop_folder_recover(const struct drop_folder *folder);

/* Write, or remove, what tells an SFTP user why a file was not taken: NAME.error.txt. */
void drop_folder_explain(const struct drop_folder *folder, const char *name, const char *text);
void drop_folder_explain_no_more(const struct drop_folder *folder, const char *name);

/* Remove drop_dir/USER with all that is in it, as far as we may. STATUS_BROKEN (logged): some is left. */
MUST_CHECK enum status drop_folder_erase(int drop_dir, const char *user);
