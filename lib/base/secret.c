/* Secrets from files and from answers. */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"

enum { SECRET_MAX_BYTES = 4096 };

enum status secret_load(const char *path, struct secret *ret_secret)
{
	CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		log_error("secret_unreadable file=%s error=%s", path, strerror(errno));
		return STATUS_BROKEN;
	}
	char *bytes = sodium_malloc(SECRET_MAX_BYTES + 1);
	if (!bytes)
		log_die("out_of_memory");
	ssize_t length = file_read_all(fd, bytes, SECRET_MAX_BYTES + 1);
	while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r'))
		length--;
	if (length <= 0 || length > SECRET_MAX_BYTES) {
		log_error("secret_bad file=%s problem=%s", path,
			  length < 0   ? strerror(errno)
			  : length > 0 ? "longer than 4096 bytes"
				       : "empty");
		sodium_free(bytes);
		return STATUS_BROKEN;
	}
	bytes[length] = '\0';
	*ret_secret = (struct secret){ bytes, (size_t)length };
	return STATUS_OK;
}

struct secret secret_copy(struct arena *arena, const char *bytes, size_t length)
{
	return (struct secret){ arena_strndup(arena, bytes, length), length };
}
