/* The client of the media process: pass a descriptor, read one answer against a deadline. */
#include "media/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "media/probe_answer.h"
#include "media/probe_protocol.h"

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int ms_left(int64_t deadline)
{
	int64_t left = deadline - now_ms();
	return left < 0 ? 0 : (int)left;
}

/* A full backlog makes connect wait, for as long as the send timeout allows. */
static enum status connect_to(const char *socket_path, int64_t deadline, int *ret_fd)
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

static enum status send_file(int connection, int fd)
{
	unsigned char request = PROBE_REQUEST;
	struct iovec bytes = { &request, sizeof(request) };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr message = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(rights), &fd, sizeof(fd));

	ssize_t sent;
	do {
		sent = sendmsg(connection, &message, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent == 1)
		return STATUS_OK;
	log_warn("media_process_gone step=send errno=%d", errno);
	return STATUS_RETRY;
}

enum read_end { READ_ALL, READ_CLOSED, READ_LATE };

static enum read_end read_exactly(int connection, void *bytes, size_t length, int64_t deadline)
{
	unsigned char *at = bytes;
	while (length > 0) {
		struct pollfd poll_one = { .fd = connection, .events = POLLIN };
		int left = ms_left(deadline);
		int ready = poll(&poll_one, 1, left);
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return READ_LATE;
		ssize_t got = recv(connection, at, length, MSG_DONTWAIT);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got <= 0)
			return READ_CLOSED;
		at += got;
		length -= (size_t)got;
	}
	return READ_ALL;
}

/* A length-prefixed block of at most max bytes; READ_CLOSED also for one that claims more. */
static enum read_end read_block(struct arena *arena, int connection, size_t max, int64_t deadline,
				unsigned char **ret_bytes, size_t *ret_length)
{
	uint32_t prefix;
	enum read_end end = read_exactly(connection, &prefix, sizeof(prefix), deadline);
	if (end != READ_ALL)
		return end;
	size_t length = ntohl(prefix);
	if (length > max)
		return READ_CLOSED;
	unsigned char *bytes = arena_alloc(arena, length + 1);
	end = read_exactly(connection, bytes, length, deadline);
	if (end != READ_ALL)
		return end;
	*ret_bytes = bytes;
	*ret_length = length;
	return READ_ALL;
}

static bool is_jpeg(const unsigned char *bytes, size_t length)
{
	return length > 4 && memcmp(bytes, "\xff\xd8\xff", 3) == 0 &&
	       memcmp(bytes + length - 2, "\xff\xd9", 2) == 0;
}

/* The file brought the child down, or made it talk nonsense: that is the file's fault. */
static void refuse_unreadable(int64_t size, struct probe_result *ret_result)
{
	*ret_result = (struct probe_result){
		.code = video_refusal_code(VIDEO_FILE_FORMAT),
		.message = "The file could not be read. Export the video again as MP4 with H.264.",
		.video = { .container = "", .codec = "", .audio_codec = "", .size = size },
	};
}

static enum status read_answer(struct arena *arena, int connection, int64_t size, int64_t deadline,
			       struct probe_result *ret_result)
{
	unsigned char started;
	enum read_end end = read_exactly(connection, &started, sizeof(started), deadline);
	if (end != READ_ALL || started != PROBE_STARTED) {
		log_warn("media_process_%s step=start", end == READ_LATE ? "late" : "gone");
		return STATUS_RETRY;
	}
	unsigned char *report = NULL, *thumbnail = NULL;
	size_t report_length = 0, thumbnail_length = 0;
	end = read_block(arena, connection, PROBE_REPORT_MAX, deadline, &report, &report_length);
	if (end == READ_ALL)
		end = read_block(arena, connection, PROBE_THUMBNAIL_MAX, deadline, &thumbnail,
				 &thumbnail_length);
	if (end == READ_LATE) {
		log_warn("media_process_late step=answer");
		return STATUS_RETRY;
	}
	struct probe_result result;
	if (end == READ_CLOSED) {
		log_warn("media_process_crashed size=%lld", (long long)size);
		refuse_unreadable(size, ret_result);
		return STATUS_OK;
	}
	if (probe_answer_parse(arena, (const char *)report, report_length, size, &result) !=
	    STATUS_OK) {
		log_warn("media_answer_refused size=%lld", (long long)size);
		refuse_unreadable(size, ret_result);
		return STATUS_OK;
	}
	if (is_jpeg(thumbnail, thumbnail_length)) {
		result.thumbnail = thumbnail;
		result.thumbnail_size = thumbnail_length;
	} else if (thumbnail_length > 0) {
		log_warn("media_thumbnail_refused size=%lld", (long long)size);
	}
	*ret_result = result;
	return STATUS_OK;
}

enum status probe_file(struct arena *arena, const char *socket_path, int fd, int timeout_ms,
		       struct probe_result *ret_result)
{
	int64_t deadline = now_ms() + timeout_ms;
	struct stat about;
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || (flags & O_ACCMODE) != O_RDONLY || fstat(fd, &about) < 0 ||
	    !S_ISREG(about.st_mode)) {
		log_error("probe_file_wrong_descriptor flags=%d", flags);
		return STATUS_BROKEN;
	}
	CLEANUP(fd_close) int connection = -1;
	enum status st = connect_to(socket_path, deadline, &connection);
	if (st != STATUS_OK)
		return st;
	st = send_file(connection, fd);
	if (st != STATUS_OK)
		return st;
	return read_answer(arena, connection, about.st_size, deadline, ret_result);
}
