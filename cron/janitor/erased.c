/* The file of who has been erased. */
#include "janitor/erased.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "base/number.h"

enum { FILE_MAX_BYTES = 64 * 1024 * 1024 };

static int complain(const char *what)
{
	log_error("erased_file_failed what=%s error=%s remedy=see media_dir/erased", what,
		  strerror(errno));
	return -1;
}

int erased_open(const char *media_dir)
{
	CLEANUP(fd_close)
	int folder = open(media_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return complain("folder");
	CLEANUP(fd_close)
	int fd = openat(folder, "erased", O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
			0600);
	if (fd < 0)
		return complain("open");
	/* The name has to be on the disk as well. */
	if (fsync(folder) != 0)
		return complain("sync");
	if (flock(fd, LOCK_EX) != 0)
		return errno == EINTR ? -1 : complain("lock");
	int locked = fd;
	fd = -1;
	return locked;
}

static enum status read_text(int fd, struct arena *arena, char **ret_text, size_t *ret_size)
{
	struct stat about;
	if (fstat(fd, &about) != 0 || about.st_size > FILE_MAX_BYTES ||
	    lseek(fd, 0, SEEK_SET) != 0) {
		complain("size");
		return STATUS_BROKEN;
	}
	size_t size = (size_t)about.st_size;
	char *text = arena_alloc(arena, size + 1);
	if (file_read_all(fd, text, size) != about.st_size) {
		complain("read");
		return STATUS_BROKEN;
	}
	text[size] = '\0';
	*ret_text = text;
	*ret_size = size;
	return STATUS_OK;
}

/* "17 1764128345123456" */
static bool line_parse(char *line, int64_t *ret_id, int64_t *ret_created_us)
{
	char *space = strchr(line, ' ');
	if (!space)
		return false;
	*space = '\0';
	return number_parse(line, 1, INT64_MAX, ret_id) == STATUS_OK &&
	       number_parse(space + 1, 0, INT64_MAX, ret_created_us) == STATUS_OK;
}

enum status erased_read(int fd, struct arena *arena, struct erased *ret_erased)
{
	char *text = NULL;
	size_t size = 0, lines = 0;
	enum status st = read_text(fd, arena, &text, &size);
	if (st != STATUS_OK)
		return st;
	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	struct erased erased = { arena_alloc(arena, (lines + 1) * sizeof(int64_t)),
				 arena_alloc(arena, (lines + 1) * sizeof(int64_t)), 0 };
	/* What a death has left without its end is no line. */
	for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		if (line_parse(line, &erased.ids[erased.count], &erased.created_us[erased.count]))
			erased.count++;
	}
	*ret_erased = erased;
	return STATUS_OK;
}

static bool ends_in_a_line(int fd)
{
	char last = '\n';
	off_t size = lseek(fd, 0, SEEK_END);
	return size <= 0 || (pread(fd, &last, 1, size - 1) == 1 && last == '\n');
}

enum status erased_add(int fd, struct arena *arena, int64_t id, int64_t created_us)
{
	struct erased erased;
	enum status st = erased_read(fd, arena, &erased);
	if (st != STATUS_OK)
		return st;
	for (size_t i = 0; i < erased.count; i++)
		if (erased.ids[i] == id && erased.created_us[i] == created_us)
			return STATUS_OK;
	const char *line = arena_printf(arena, "%s%" PRId64 " %" PRId64 "\n",
					ends_in_a_line(fd) ? "" : "\n", id, created_us);
	if (file_write_all(fd, line, strlen(line)) == 0 && fsync(fd) == 0)
		return STATUS_OK;
	complain("write");
	return STATUS_BROKEN;
}
