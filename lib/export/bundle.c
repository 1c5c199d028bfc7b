/* libarchive's ZIP writer, and the disk under it. */
#include "export/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/file.h"
#include "base/log.h"

enum {
	MAKING_MODE = 0600,
	READY_MODE = 0640,
	ENTRY_MODE = 0644,
	BLOCK_BYTES = 256 * 1024,
	WRITE_BACK_BYTES = 8 * 1024 * 1024,
	DISK_BEHIND_BYTES = 4 * WRITE_BACK_BYTES,
};

struct bundle {
	struct archive *archive;
	struct archive_entry *entry;
	struct digest *digest; /* of the open entry; NULL: none is open */
	int64_t entry_size;
	int fd, folder;
	int64_t written_back; /* bytes, on the way to the disk */
	bool given_up;
};

static enum status status_of(struct bundle *bundle, const char *event, int error)
{
	if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
		log_error("export_disk_full during=%s", event);
		return STATUS_REFUSED;
	}
	const char *words = bundle ? archive_error_string(bundle->archive) : NULL;
	log_error("%s error=%s", event, words ? words : strerror(error));
	return STATUS_BROKEN;
}

static enum status archive_status(struct bundle *bundle, const char *event)
{
	return status_of(bundle, event, archive_errno(bundle->archive));
}

/* libarchive has bytes for the disk. */
static la_ssize_t take(struct archive *archive, void *context, const void *bytes, size_t size)
{
	struct bundle *bundle = context;
	if (bundle->given_up || file_write_all(bundle->fd, bytes, size) == 0)
		return (la_ssize_t)size;
	archive_set_error(archive, errno, "%s", strerror(errno));
	return -1;
}

static int set_up(struct bundle *bundle)
{
	struct archive *archive = bundle->archive;
	int result = archive_write_set_format_zip(archive);
	if (result == ARCHIVE_OK)
		result = archive_write_set_options(archive, "zip:hdrcharset=UTF-8");
	if (result == ARCHIVE_OK)
		result = archive_write_set_bytes_per_block(archive, BLOCK_BYTES);
	/* The last block is not filled up. */
	if (result == ARCHIVE_OK)
		result = archive_write_set_bytes_in_last_block(archive, 1);
	if (result == ARCHIVE_OK)
		result = archive_write_open(archive, bundle, NULL, take, NULL);
	return result;
}

enum status bundle_create(int folder, const char *file, struct bundle **ret_bundle)
{
	CLEANUP(bundle_close) struct bundle *bundle = calloc(1, sizeof(*bundle));
	if (!bundle)
		log_die("out_of_memory");
	bundle->folder = folder;
	bundle->fd = openat(folder, file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    MAKING_MODE);
	if (bundle->fd < 0)
		return status_of(NULL, "export_not_made", errno);
	bundle->archive = archive_write_new();
	bundle->entry = archive_entry_new();
	if (!bundle->archive || !bundle->entry)
		log_die("out_of_memory");
	if (set_up(bundle) != ARCHIVE_OK)
		return archive_status(bundle, "export_not_begun");
	*ret_bundle = TAKE_POINTER(bundle);
	return STATUS_OK;
}

enum status bundle_begin(struct bundle *bundle, const char *path, int64_t size, int64_t changed)
{
	struct archive_entry *entry = archive_entry_clear(bundle->entry);
	archive_entry_set_pathname_utf8(entry, path);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, ENTRY_MODE);
	archive_entry_set_mtime(entry, changed, 0);
	int result;
	if (size >= 0) {
		archive_entry_set_size(entry, size);
		result = archive_write_zip_set_compression_store(bundle->archive);
	} else {
		result = archive_write_zip_set_compression_deflate(bundle->archive);
	}
	if (result == ARCHIVE_OK)
		result = archive_write_header(bundle->archive, entry);
	if (result != ARCHIVE_OK)
		return archive_status(bundle, "export_entry_not_begun");
	bundle->digest = digest_new(DIGEST_SHA256);
	bundle->entry_size = 0;
	return STATUS_OK;
}

/*
 * The disk is kept busy in small portions, and waited for where it is some behind: others that need it, the database
 * first, never wait for all of ours. What is written is not kept in memory.
 */
static void write_back(struct bundle *bundle)
{
	int64_t written = archive_filter_bytes(bundle->archive, -1);
	while (written - bundle->written_back >= WRITE_BACK_BYTES) {
		sync_file_range(bundle->fd, bundle->written_back, WRITE_BACK_BYTES,
				SYNC_FILE_RANGE_WRITE);
		int64_t behind = bundle->written_back - DISK_BEHIND_BYTES;
		bundle->written_back += WRITE_BACK_BYTES;
		if (behind < 0)
			continue;
		/* What the disk refuses, the last fsync tells. */
		sync_file_range(bundle->fd, behind, WRITE_BACK_BYTES,
				SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
					SYNC_FILE_RANGE_WAIT_AFTER);
		posix_fadvise(bundle->fd, behind, WRITE_BACK_BYTES, POSIX_FADV_DONTNEED);
	}
}

enum status bundle_write(struct bundle *bundle, const void *bytes, size_t size)
{
	la_ssize_t written = archive_write_data(bundle->archive, bytes, size);
	if (written < 0)
		return archive_status(bundle, "export_write");
	if ((size_t)written != size) {
		log_error("export_entry_too_long");
		return STATUS_BROKEN;
	}
	digest_update(bundle->digest, bytes, size);
	bundle->entry_size += (int64_t)size;
	write_back(bundle);
	return STATUS_OK;
}

int64_t bundle_entry_size(const struct bundle *bundle)
{
	return bundle->entry_size;
}

enum status bundle_end(struct bundle *bundle, char ret_sha256[static DIGEST_HEX_SIZE])
{
	digest_end_hex(bundle->digest, ret_sha256);
	digest_free(bundle->digest);
	bundle->digest = NULL;
	if (archive_write_finish_entry(bundle->archive) != ARCHIVE_OK)
		return archive_status(bundle, "export_entry_not_ended");
	return STATUS_OK;
}

enum status bundle_finish(struct bundle *bundle, int64_t *ret_size)
{
	struct stat made;
	if (archive_write_close(bundle->archive) != ARCHIVE_OK)
		return archive_status(bundle, "export_not_ended");
	if (fsync(bundle->fd) != 0 || fchmod(bundle->fd, READY_MODE) != 0 ||
	    fsync(bundle->folder) != 0 || fstat(bundle->fd, &made) != 0)
		return status_of(NULL, "export_not_synced", errno);
	*ret_size = made.st_size;
	return STATUS_OK;
}

void bundle_close(struct bundle *bundle)
{
	if (!bundle)
		return;
	/* To free all that it holds, libarchive must end what it has begun: that goes nowhere. */
	bundle->given_up = true;
	if (bundle->archive)
		archive_write_free(bundle->archive);
	archive_entry_free(bundle->entry);
	digest_free(bundle->digest);
	fd_close_cleanup(&bundle->fd);
	free(bundle);
}
