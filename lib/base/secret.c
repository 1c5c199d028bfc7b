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

enum { SECRET_MAX_BYTES = 4096, FILE_MAX_BYTES = SECRET_MAX_BYTES + 2 /* and its line end */ };

/* NULL when it is a secret, else what is wrong with it. */
static const char *fault_of(const char *bytes, ssize_t read_length, size_t length)
{
	if (read_length < 0)
		return strerror(errno);
	if (length == 0)
		return "empty";
	if (read_length > FILE_MAX_BYTES || length > SECRET_MAX_BYTES)
		return "longer than 4096 bytes";
	return memchr(bytes, '\0', length) ? "holds a NUL" : NULL;
}

enum status secret_load(const char *path, struct secret *ret_secret)
{
	CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		log_error("secret_unreadable file=%s error=%s", path, strerror(errno));
		return STATUS_BROKEN;
	}
	char *bytes = sodium_malloc(FILE_MAX_BYTES + 1);
	if (!bytes)
		log_die("out_of_memory");
	ssize_t read_length = file_read_all(fd, bytes, FILE_MAX_BYTES + 1);
	size_t length = read_length > 0 ? (size_t)read_length : 0;
	while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r'))
		length--;
	const char *fault = fault_of(bytes, read_length, length);
	if (fault) {
		log_error("secret_bad file=%s problem=%s", path, fault);
		sodium_free(bytes);
		return STATUS_BROKEN;
	}
	bytes[length] = '\0';
	*ret_secret = (struct secret){ bytes, length };
	return STATUS_OK;
}

struct secret secret_copy(struct arena *arena, const char *bytes, size_t length)
{
	return (struct secret){ arena_strndup(arena, bytes, length), length };
}
