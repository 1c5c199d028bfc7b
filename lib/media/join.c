/* The links of a final upload, and copying them. */
#include "media/join.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/log.h"
#include "media/part.h"
#include "media/sidecar.h"

enum { STEP_BYTES = 16 * 1024 * 1024 };

static void link_name(char name[static PART_NAME_SIZE], const char *id, size_t number)
{
	snprintf(name, PART_NAME_SIZE, "%s.%02zu", id, number);
}

enum status join_link(const struct part *partial, const char *id, size_t number)
{
	int parts = partial->store->parts;
	char from[PART_NAME_SIZE], to[PART_NAME_SIZE];
	part_name(from, partial->id, ".part");
	link_name(to, id, number);
	/* As fresh as a new file: the janitor takes old ones that no row knows yet for orphans. */
	if (futimens(partial->fd, NULL) == 0 && linkat(parts, from, parts, to, 0) == 0)
		return STATUS_OK;
	if (errno == ENOENT)
		return STATUS_NOT_FOUND;
	int error = errno;
	log_error("part_not_linked upload=%.6s error=%s", id, strerror(error));
	return error == ENOSPC || error == EDQUOT ? STATUS_REFUSED : STATUS_BROKEN;
}

/* Append what is missing of one link, whose bytes begin at begin of the whole. */
static enum status append_link(struct part *part, size_t number, int64_t begin, int64_t until,
			       int64_t *ret_end)
{
	char name[PART_NAME_SIZE];
	struct stat found;
	link_name(name, part->id, number);
	CLEANUP(fd_close)
	int file = openat(part->store->parts, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (file < 0 || fstat(file, &found) != 0) {
		log_error("part_link_unreadable upload=%.6s number=%zu error=%s", part->id, number,
			  strerror(errno));
		return STATUS_BROKEN;
	}
	int64_t end = begin + found.st_size;
	enum status st = STATUS_OK;
	while (st == STATUS_OK && part->length < end && clock_now_ms() < until &&
	       !part_is_wanted(part->store, part->id)) {
		int64_t rest = end - part->length;
		st = part_append_file(part, file, part->length - begin,
				      rest < STEP_BYTES ? rest : STEP_BYTES);
		FAILPOINT("join_copied");
	}
	*ret_end = end;
	return st;
}

enum status join_step(struct part *part, size_t count, int64_t milliseconds)
{
	int64_t until = clock_now_ms() + milliseconds, end = 0;
	enum status st = STATUS_OK;
	for (size_t number = 1; st == STATUS_OK && number <= count && part->length >= end; number++)
		st = append_link(part, number, end, until, &end);
	enum status synced = part_sync(part);
	return st != STATUS_OK ? st : synced;
}

/* The last first: as long as any is left, number 1 is. */
enum status join_unlink(const struct part_store *store, const char *id)
{
	char name[PART_NAME_SIZE];
	size_t count = 0;
	do {
		link_name(name, id, ++count);
	} while (count <= SIDECAR_PARTS_MAX &&
		 faccessat(store->parts, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
	while (--count > 0) {
		link_name(name, id, count);
		if (unlinkat(store->parts, name, 0) != 0 && errno != ENOENT) {
			log_error("file_not_removed file=%.6s error=%s", name, strerror(errno));
			return STATUS_BROKEN;
		}
	}
	return STATUS_OK;
}
