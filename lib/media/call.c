/* Talking to the media process. */
#include "media/call.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

static int ms_left(int64_t deadline)
{
	int64_t left = deadline - clock_now_ms();
	return left < 0 ? 0 : (int)left;
}

/* A full backlog makes connect wait, for as long as the send timeout allows. */
enum status call_connect(const char *socket_path, int64_t deadline, int *ret_fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(socket_path);
	if (length >= sizeof(address.sun_path)) {
		log_error("media_socket_path_too_long");
		return STATUS_BROKEN;
	}
	memcpy(address.sun_path, socket_path, length);
	CLEANUP(fd_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int left = ms_left(deadline) + 1;
	struct timeval wait = { .tv_sec = left / 1000, .tv_usec = left % 1000 * 1000 };
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) < 0) {
		log_error("media_socket_failed errno=%d", errno);
		return STATUS_BROKEN;
	}
	int result;
	do {
		result = connect(fd, (struct sockaddr *)&address, sizeof(address));
	} while (result < 0 && errno == EINTR && ms_left(deadline) > 0);
	if (result < 0) {
		log_error("media_process_absent errno=%d", errno);
		return STATUS_RETRY;
	}
	*ret_fd = fd;
	fd = -1;
	return STATUS_OK;
}

enum status call_send(int connection, unsigned char request, const int *files, int count)
{
	struct iovec bytes = { &request, sizeof(request) };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(CALL_FILES_MAX * sizeof(int))];
	} control = { 0 };
	size_t size = (size_t)count * sizeof(int);
	struct msghdr message = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(size),
	};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(rights), files, size);

	ssize_t sent;
	do {
		sent = sendmsg(connection, &message, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent == 1)
		return STATUS_OK;
	log_warn("media_process_gone step=send errno=%d", errno);
	return STATUS_RETRY;
}

enum call_end call_read(int connection, void *bytes, size_t length, int64_t deadline)
{
	unsigned char *at = bytes;
	while (length > 0) {
		struct pollfd poll_one = { .fd = connection, .events = POLLIN };
		int left = ms_left(deadline);
		int ready = poll(&poll_one, 1, left);
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return CALL_LATE;
		ssize_t got = recv(connection, at, length, MSG_DONTWAIT);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got <= 0)
			return CALL_CLOSED;
		at += got;
		length -= (size_t)got;
	}
	return CALL_ALL;
}
