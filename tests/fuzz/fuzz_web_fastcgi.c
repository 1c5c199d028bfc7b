/* The records of the upload program: whatever a local peer writes must end in a status. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "web/fastcgi.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The first byte is the size of the buffer that the body is taken by. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	int pair[2];
	struct arena arena = { 0 };
	struct fastcgi fastcgi;
	unsigned char buffer[256];
	if (size < 1 || size > 64 * 1024 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return 0;
	if (write(pair[1], bytes + 1, size - 1) != (ssize_t)size - 1)
		abort();
	close(pair[1]);
	enum status st = fastcgi_open(&arena, pair[0], 1000, &fastcgi);
	size_t total = 0;
	while (st == STATUS_OK && !fastcgi.ended) {
		struct iovec parts[FASTCGI_PARTS_MAX];
		size_t count;
		st = fastcgi_receive(&fastcgi, buffer, (size_t)bytes[0] + 1, parts, &count);
		for (size_t i = 0; i < count; i++) {
			const unsigned char *at = parts[i].iov_base;
			if (at < buffer || at + parts[i].iov_len > buffer + sizeof(buffer))
				abort();
			total += parts[i].iov_len;
		}
	}
	if (total > size)
		abort();
	close(pair[0]);
	arena_reset(&arena);
	return 0;
}
