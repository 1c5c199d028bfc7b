/* Part files: created, locked, appended to, sealed. */
#include "media/part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/log.h"

enum {
	PART_MODE = 0660,
	/*
	 * While bytes may not be on the disk: whoever finds a part so must sync it, others need not.
	 * After a power cut the mark does not matter, what is there then is on the disk.
	 */
	DIRTY_MODE = PART_MODE | S_IXUSR,
	VIDEO_MODE = 0644,
	HANDED_MODE = 0664,
	WAIT_STEP_MS = 20,
	ASK_AGAIN_MS = 250, /* a holder that took over just now did not see the first time */
	WRITE_BACK_BYTES = 8 * 1024 * 1024,
	COPY_BYTES = 32 * 1024,
	DISK_BEHIND_BYTES = 16 * WRITE_BACK_BYTES,
	PIECES_AT_ONCE = 16,
	PLENTY_MS = 250,
};

static enum status directory_open(int media, const char *name, int *ret_fd)
{
	int fd = openat(media, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && faccessat(fd, ".", W_OK | X_OK, 0) == 0) {
		*ret_fd = fd;
		return STATUS_OK;
	}
	log_error(
		"media_directory_unusable name=%s error=%s remedy=create it in media_dir, for the "
		"group that uploads run in",
		name, strerror(errno));
	if (fd >= 0)
		close(fd);
	return STATUS_BROKEN;
}

enum status part_store_open(const char *media_dir, struct part_store *ret_store)
{
	CLEANUP(fd_close) int media = open(media_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct part_store store;
	enum status st = directory_open(media, "parts", &store.parts);
	if (st == STATUS_OK)
		st = directory_open(media, "videos", &store.videos);
	if (st == STATUS_OK)
		st = directory_open(media, "frames", &store.frames);
	if (st == STATUS_OK)
		*ret_store = store;
	return st;
}

static bool store_has_free(const struct part_store *store, int64_t bytes)
{
	struct statvfs disk;
	if (fstatvfs(store->parts, &disk) != 0)
		return true;
	return disk.f_bavail >= (uint64_t)bytes / disk.f_frsize;
}

/* Where there was much room a moment ago there still is some: many small requests ask once. */
static bool store_may_be_written(const struct part_store *store)
{
	static atomic_llong plenty_until;
	int64_t now = clock_now_ms();
	if (now < plenty_until)
		return true;
	if (store_has_free(store, 8 * PART_FREE_TO_WRITE)) {
		plenty_until = now + PLENTY_MS;
		return true;
	}
	return store_has_free(store, PART_FREE_TO_WRITE);
}

bool part_store_has_room(const struct part_store *store, int64_t length, int64_t reserve_gb)
{
	return store_has_free(store, length + reserve_gb * 1000 * 1000 * 1000);
}

void part_name(char name[static PART_NAME_SIZE], const char *id, const char *suffix)
{
	snprintf(name, PART_NAME_SIZE, "%s%s", id, suffix);
}

static enum status status_of_errno(const char *event, const char *id)
{
	int error = errno;
	if (error == ENOSPC || error == EDQUOT) {
		log_error("media_disk_full during=%s", event);
		return STATUS_REFUSED;
	}
	log_error("%s upload=%.6s error=%s", event, id, strerror(error));
	return STATUS_BROKEN;
}

enum status part_create(const struct part_store *store, const char *id, struct part *ret_part)
{
	char name[PART_NAME_SIZE];
	part_name(name, id, ".part");
	CLEANUP(fd_close)
	int fd = openat(store->parts, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			PART_MODE);
	if (fd < 0)
		return status_of_errno("part_create", id);
	/* The process may have a narrower mask; the group is to be able to clean up. */
	if (fchmod(fd, PART_MODE) != 0 || flock(fd, LOCK_EX | LOCK_NB) != 0) {
		enum status st = status_of_errno("part_create", id);
		unlinkat(store->parts, name, 0);
		return st;
	}
	*ret_part = (struct part){ .store = store, .fd = fd };
	snprintf(ret_part->id, sizeof(ret_part->id), "%s", id);
	fd = -1;
	return STATUS_OK;
}

/* Where the file of id is now, growing or whole. */
static int file_open(const struct part_store *store, const char *id, bool *ret_sealed)
{
	char name[PART_NAME_SIZE];
	part_name(name, id, ".part");
	*ret_sealed = false;
	int fd = openat(store->parts, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	*ret_sealed = true;
	return openat(store->videos, id, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

/* The lock is on the file, the path may by now lead to another one or nowhere. */
static bool is_still_there(const struct part_store *store, const char *id, bool sealed,
			   const struct stat *opened)
{
	char name[PART_NAME_SIZE];
	struct stat found;
	part_name(name, id, sealed ? "" : ".part");
	return fstatat(sealed ? store->videos : store->parts, name, &found, AT_SYMLINK_NOFOLLOW) ==
		       0 &&
	       found.st_dev == opened->st_dev && found.st_ino == opened->st_ino;
}

static void want(const struct part_store *store, const char *id)
{
	char name[PART_NAME_SIZE];
	part_name(name, id, ".want");
	/* Made anew each time: holders hear of files that are made (media/holder.h). */
	unlinkat(store->parts, name, 0);
	int fd = openat(store->parts, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, PART_MODE);
	if (fd < 0)
		log_warn("part_not_asked_for upload=%.6s error=%s", id, strerror(errno));
	else
		close(fd);
}

static void want_no_more(const struct part_store *store, const char *id)
{
	char name[PART_NAME_SIZE];
	part_name(name, id, ".want");
	unlinkat(store->parts, name, 0);
}

bool part_is_wanted(const struct part_store *store, const char *id)
{
	char name[PART_NAME_SIZE];
	part_name(name, id, ".want");
	return faccessat(store->parts, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* One attempt. STATUS_CONFLICT: somebody holds it; STATUS_RETRY: it was moved, look again. */
static enum status lock_once(const struct part_store *store, const char *id, struct part *ret_part)
{
	bool sealed;
	struct stat opened;
	CLEANUP(fd_close) int fd = file_open(store, id, &sealed);
	if (fd < 0)
		return errno == ENOENT ? STATUS_NOT_FOUND : status_of_errno("part_open", id);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? STATUS_CONFLICT : status_of_errno("part_lock", id);
	if (fstat(fd, &opened) != 0 || !S_ISREG(opened.st_mode))
		return status_of_errno("part_stat", id);
	if (!is_still_there(store, id, sealed, &opened))
		return STATUS_RETRY;
	*ret_part = (struct part){
		.store = store,
		.fd = fd,
		.sealed = sealed,
		.dirty = !sealed && (opened.st_mode & S_IXUSR),
		.named = sealed || (opened.st_size > 0 && !(opened.st_mode & S_IXUSR)),
		.length = opened.st_size,
		.synced = opened.st_size,
		.written_back = opened.st_size,
	};
	snprintf(ret_part->id, sizeof(ret_part->id), "%s", id);
	fd = -1;
	return STATUS_OK;
}

enum status part_open(const struct part_store *store, const char *id, int wait_ms,
		      struct part *ret_part)
{
	int64_t start = clock_now_ms(), ask_at = start;
	bool asked = false;
	for (;;) {
		enum status st = lock_once(store, id, ret_part);
		int64_t now = clock_now_ms();
		bool over = st == STATUS_CONFLICT && now - start >= wait_ms;
		if ((st != STATUS_CONFLICT && st != STATUS_RETRY) || over) {
			if (asked)
				want_no_more(store, id);
			return st;
		}
		if (st == STATUS_RETRY)
			continue;
		if (now >= ask_at) {
			want(store, id);
			asked = true;
			ask_at = now + ASK_AGAIN_MS;
		}
		nanosleep(&(struct timespec){ .tv_nsec = WAIT_STEP_MS * 1000000L }, NULL);
	}
}

enum status part_length(const struct part_store *store, const char *id, int64_t *ret_length)
{
	char name[PART_NAME_SIZE];
	struct stat found;
	part_name(name, id, ".part");
	if (fstatat(store->parts, name, &found, AT_SYMLINK_NOFOLLOW) != 0 &&
	    fstatat(store->videos, id, &found, AT_SYMLINK_NOFOLLOW) != 0)
		return STATUS_NOT_FOUND;
	*ret_length = found.st_size;
	return STATUS_OK;
}

/*
 * Keep the disk busy while bytes come, so that the last fdatasync, for which somebody waits, has
 * little left to do; and wait for the disk only where it is far behind.
 */
static void write_back(struct part *part)
{
	const unsigned int all =
		SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
	while (part->length - part->written_back >= WRITE_BACK_BYTES) {
		sync_file_range(part->fd, part->written_back, WRITE_BACK_BYTES,
				SYNC_FILE_RANGE_WRITE);
		part->written_back += WRITE_BACK_BYTES;
		int64_t behind = part->written_back - DISK_BEHIND_BYTES;
		if (behind >= part->synced)
			part->failed |=
				sync_file_range(part->fd, behind, WRITE_BACK_BYTES, all) != 0;
	}
}

enum status part_lend(struct part *part)
{
	if (!part->dirty && fchmod(part->fd, DIRTY_MODE) != 0)
		return status_of_errno("part_mark", part->id);
	part->dirty = true;
	return STATUS_OK;
}

/* What comes before bytes are written: room, asked for now and then, and the mark of a dirty part. */
static enum status writing_begin(struct part *part, int64_t size)
{
	int64_t next_check = part->length - part->length % WRITE_BACK_BYTES + WRITE_BACK_BYTES;
	if ((part->length == part->synced || part->length + size >= next_check) &&
	    !store_may_be_written(part->store)) {
		log_error("media_disk_nearly_full upload=%.6s", part->id);
		return STATUS_REFUSED;
	}
	return size > 0 ? part_lend(part) : STATUS_OK;
}

static size_t total(const struct iovec *pieces, size_t count)
{
	size_t size = 0;
	for (size_t i = 0; i < count; i++)
		size += pieces[i].iov_len;
	return size;
}

/* As much as one system call takes of what follows the first done bytes; how many pieces that is. */
static int pieces_after(const struct iovec *pieces, size_t count, size_t done,
			struct iovec ret_pieces[static PIECES_AT_ONCE])
{
	int used = 0;
	for (size_t i = 0; i < count && used < PIECES_AT_ONCE; i++) {
		size_t skip = done < pieces[i].iov_len ? done : pieces[i].iov_len;
		done -= skip;
		if (skip < pieces[i].iov_len)
			ret_pieces[used++] = (struct iovec){ (char *)pieces[i].iov_base + skip,
							     pieces[i].iov_len - skip };
	}
	return used;
}

enum status part_append_pieces(struct part *part, const struct iovec *pieces, size_t count)
{
	struct iovec rest[PIECES_AT_ONCE];
	size_t size = total(pieces, count);
	enum status st = writing_begin(part, (int64_t)size);
	if (st != STATUS_OK)
		return st;
	for (size_t done = 0; done < size;) {
		int used = pieces_after(pieces, count, done, rest);
		ssize_t written = pwritev(part->fd, rest, used, part->length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return status_of_errno("part_write", part->id);
		part->length += written;
		done += (size_t)written;
	}
	write_back(part);
	return STATUS_OK;
}

enum status part_append(struct part *part, const void *bytes, size_t size)
{
	return part_append_pieces(part, &(struct iovec){ (void *)(uintptr_t)bytes, size }, 1);
}

/* Some of the bytes, through memory; the count, or -1 with errno. */
static ssize_t copy_through_memory(const struct part *part, int file, int64_t offset, int64_t size)
{
	char bytes[COPY_BYTES];
	ssize_t got = pread(file, bytes, size < COPY_BYTES ? (size_t)size : COPY_BYTES, offset);
	return got > 0 ? pwrite(part->fd, bytes, (size_t)got, part->length) : got;
}

/* The same by the system, which on some file systems need not copy at all. */
static ssize_t copy_some(const struct part *part, int file, int64_t offset, int64_t size)
{
	off_t from = offset, to = part->length;
	ssize_t copied = copy_file_range(file, &from, part->fd, &to, (size_t)size, 0);
	bool impossible = copied < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS ||
					 errno == EOPNOTSUPP);
	return impossible ? copy_through_memory(part, file, offset, size) : copied;
}

enum status part_append_file(struct part *part, int file, int64_t offset, int64_t size)
{
	enum status st = writing_begin(part, size);
	if (st != STATUS_OK)
		return st;
	while (size > 0) {
		ssize_t copied = copy_some(part, file, offset, size);
		if (copied < 0 && errno == EINTR)
			continue;
		if (copied == 0)
			errno = ENODATA;
		if (copied <= 0)
			return status_of_errno("part_copy", part->id);
		part->length += copied;
		offset += copied;
		size -= copied;
	}
	write_back(part);
	return STATUS_OK;
}

enum status part_cut(struct part *part, int64_t length)
{
	if (part->sealed || part->length <= length)
		return STATUS_OK;
	if (ftruncate(part->fd, length) != 0 || fdatasync(part->fd) != 0)
		return status_of_errno("part_cut", part->id);
	part->length = length;
	part->synced = length;
	if (part->written_back > length)
		part->written_back = length;
	return STATUS_OK;
}

enum status part_sync(struct part *part)
{
	FAILPOINT("part_sync");
	if (part->sealed || !part->dirty)
		return STATUS_OK;
	if (fdatasync(part->fd) == 0 && !part->failed &&
	    (part->named || fsync(part->store->parts) == 0) && fchmod(part->fd, PART_MODE) == 0) {
		part->synced = part->length;
		part->named = true;
		part->dirty = false;
		return STATUS_OK;
	}
	enum status st = status_of_errno("part_sync", part->id);
	if (ftruncate(part->fd, part->synced) == 0)
		part->length = part->synced;
	return st;
}

enum status part_hand_over(struct part *part)
{
	return fchmod(part->fd, HANDED_MODE) == 0 ? STATUS_OK
						  : status_of_errno("part_hand_over", part->id);
}

/* Of a part that another program has handed over the mode is what it is; it will do. */
static bool make_readable(const struct part *part)
{
	struct stat found;
	return fchmod(part->fd, VIDEO_MODE) == 0 ||
	       (errno == EPERM && fstat(part->fd, &found) == 0 && (found.st_mode & S_IROTH));
}

enum status part_seal(struct part *part)
{
	char name[PART_NAME_SIZE];
	if (part->sealed)
		return STATUS_OK;
	part_name(name, part->id, ".part");
	FAILPOINT("part_seal_before_rename");
	if (!make_readable(part) ||
	    renameat(part->store->parts, name, part->store->videos, part->id) != 0) {
		/* Its owner or the janitor has removed it meanwhile. */
		if (errno == ENOENT)
			return STATUS_NOT_FOUND;
		return status_of_errno("part_seal", part->id);
	}
	FAILPOINT("part_seal_after_rename");
	part->sealed = true;
	if (fsync(part->store->videos) != 0 || fsync(part->store->parts) != 0)
		return status_of_errno("part_seal_sync", part->id);
	FAILPOINT("part_seal_after_sync");
	return STATUS_OK;
}

bool part_is_gone(const struct part *part)
{
	struct stat found;
	return fstat(part->fd, &found) == 0 && found.st_nlink == 0;
}

void part_remove(const struct part_store *store, const char *id)
{
	char name[PART_NAME_SIZE];
	part_name(name, id, ".part");
	unlinkat(store->parts, name, 0);
	unlinkat(store->videos, id, 0);
	want_no_more(store, id);
}

void part_close(struct part *part)
{
	if (part->fd >= 0)
		close(part->fd);
	part->fd = -1;
}
