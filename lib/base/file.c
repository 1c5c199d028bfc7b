/* Reads and writes that finish what they began. */
#include "base/file.h"

#include <errno.h>
#include <unistd.h>

void fd_close_cleanup(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

ssize_t file_read_all(int fd, void *bytes, size_t size)
{
	size_t done = 0;
	while (done < size) {
		ssize_t got = read(fd, (char *)bytes + done, size - done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

int file_write_all(int fd, const void *bytes, size_t size)
{
	size_t done = 0;
	while (done < size) {
		ssize_t put = write(fd, (const char *)bytes + done, size - done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		done += (size_t)put;
	}
	return 0;
}
