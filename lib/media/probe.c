/* The client of the media process: pass a descriptor, read one answer against a deadline. */
#include "media/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "media/call.h"
#include "media/probe_answer.h"
#include "media/probe_protocol.h"

/* A length-prefixed block of at most max bytes; CALL_CLOSED also for one that claims more. */
static enum call_end read_block(struct arena *arena, int connection, size_t max, int64_t deadline,
				unsigned char **ret_bytes, size_t *ret_length)
{
	uint32_t prefix;
	enum call_end end = call_read(connection, &prefix, sizeof(prefix), deadline);
	if (end != CALL_ALL)
		return end;
	size_t length = ntohl(prefix);
	if (length > max)
		return CALL_CLOSED;
	unsigned char *bytes = arena_alloc(arena, length + 1);
	end = call_read(connection, bytes, length, deadline);
	if (end != CALL_ALL)
		return end;
	*ret_bytes = bytes;
	*ret_length = length;
	return CALL_ALL;
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

/* Whatever goes wrong here, the file has been found good: it then has no strip. */
static void read_strip(struct arena *arena, int connection, int64_t deadline,
		       struct probe_result *result)
{
	uint32_t prefix;
	unsigned char *strip = NULL;
	size_t length = 0;
	if (call_read(connection, &prefix, sizeof(prefix), deadline) != CALL_ALL ||
	    read_block(arena, connection, PROBE_STRIP_MAX, deadline, &strip, &length) != CALL_ALL) {
		log_warn("media_strip_missing");
		return;
	}
	uint32_t frames = ntohl(prefix);
	if (frames == 0 && length == 0)
		return;
	if (!result->ok || frames == 0 || frames > PROBE_STRIP_FRAMES_MAX ||
	    !is_jpeg(strip, length)) {
		log_warn("media_strip_refused");
		return;
	}
	result->strip = strip;
	result->strip_size = length;
	result->strip_frames = (int)frames;
}

static enum status read_answer(struct arena *arena, int connection, int64_t size, int64_t deadline,
			       struct probe_result *ret_result)
{
	unsigned char started;
	enum call_end end = call_read(connection, &started, sizeof(started), deadline);
	if (end != CALL_ALL || started != PROBE_STARTED) {
		log_warn("media_process_%s step=start", end == CALL_LATE ? "late" : "gone");
		return STATUS_RETRY;
	}
	unsigned char *report = NULL, *thumbnail = NULL;
	size_t report_length = 0, thumbnail_length = 0;
	end = read_block(arena, connection, PROBE_REPORT_MAX, deadline, &report, &report_length);
	if (end == CALL_ALL)
		end = read_block(arena, connection, PROBE_THUMBNAIL_MAX, deadline, &thumbnail,
				 &thumbnail_length);
	if (end == CALL_LATE) {
		log_warn("media_process_late step=answer");
		return STATUS_RETRY;
	}
	struct probe_result result;
	if (end == CALL_CLOSED) {
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
	read_strip(arena, connection, deadline, &result);
	*ret_result = result;
	return STATUS_OK;
}

enum status probe_file(struct arena *arena, const char *socket_path, int fd, int timeout_ms,
		       struct probe_result *ret_result)
{
	int64_t deadline = clock_now_ms() + timeout_ms;
	struct stat about;
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || (flags & O_ACCMODE) != O_RDONLY || fstat(fd, &about) < 0 ||
	    !S_ISREG(about.st_mode)) {
		log_error("probe_file_wrong_descriptor flags=%d", flags);
		return STATUS_BROKEN;
	}
	CLEANUP(fd_close) int connection = -1;
	enum status st = call_connect(socket_path, deadline, &connection);
	if (st != STATUS_OK)
		return st;
	st = call_send(connection, PROBE_REQUEST, &fd, 1);
	if (st != STATUS_OK)
		return st;
	return read_answer(arena, connection, about.st_size, deadline, ret_result);
}
