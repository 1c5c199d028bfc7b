/* The client of a repair: pass two descriptors, listen, give up when told to. */
#include "media/repair.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "media/call.h"
#include "media/repair_answer.h"

enum { CONNECT_MS = 10000, START_MS = 60000, STEP_MS = 1000 };

const char *repair_failure_code(enum repair_failure failure)
{
	static const char *const codes[] = {
		[REPAIR_NO_FAILURE] = "",
		[REPAIR_UNREADABLE] = "repair_unreadable",
		[REPAIR_CODEC_UNKNOWN] = "repair_codec_unknown",
		[REPAIR_SHAPE] = "repair_shape",
		[REPAIR_TOO_LARGE] = "repair_too_large",
		[REPAIR_TOO_LONG] = "repair_too_long",
		[REPAIR_NO_ROOM] = "repair_no_room",
	};
	return codes[failure];
}

/* What has come within a step. CALL_LATE: nothing, which is no fault yet. */
static enum call_end take_some(int connection, struct repair_answer *answer, enum status *ret_st)
{
	unsigned char bytes[64];
	struct pollfd poll_one = { .fd = connection, .events = POLLIN };
	*ret_st = STATUS_OK;
	if (poll(&poll_one, 1, STEP_MS) <= 0)
		return CALL_LATE;
	ssize_t got = recv(connection, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return CALL_LATE;
	if (got <= 0)
		return CALL_CLOSED;
	*ret_st = repair_answer_take(answer, bytes, (size_t)got);
	return CALL_ALL;
}

/* The answer stands when the stream has ended. */
static enum repair_end judge(const struct repair_answer *answer, enum repair_failure *ret_failure)
{
	if (answer->done)
		return REPAIR_END_DONE;
	if (answer->failure != REPAIR_NO_FAILURE) {
		*ret_failure = answer->failure;
		return REPAIR_END_FAILED;
	}
	log_warn("media_repair_crashed percent=%d", answer->percent);
	return REPAIR_END_CRASHED;
}

static enum repair_end listen_to(int connection, repair_listener *listener, void *context,
				 enum repair_failure *ret_failure)
{
	struct repair_answer answer = { 0 };
	int64_t end = clock_now_ms() + (int64_t)REPAIR_SECONDS_MAX * 1000;
	int64_t heard_at = clock_now_ms(), told_at = 0;
	for (;;) {
		enum status st;
		enum call_end got = take_some(connection, &answer, &st);
		int64_t now = clock_now_ms();
		if (st != STATUS_OK) {
			log_warn("media_repair_answer_refused");
			return REPAIR_END_CRASHED;
		}
		if (got == CALL_CLOSED)
			return judge(&answer, ret_failure);
		if (got == CALL_ALL)
			heard_at = now;
		if (now > end || now - heard_at > (int64_t)REPAIR_SECONDS_SILENT * 1000) {
			log_warn("media_repair_too_slow percent=%d", answer.percent);
			*ret_failure = REPAIR_TOO_LARGE;
			return REPAIR_END_FAILED;
		}
		if (now - told_at < STEP_MS)
			continue;
		told_at = now;
		if (!listener(context, answer.percent))
			return REPAIR_END_GIVEN_UP;
	}
}

enum repair_end repair_file(const char *socket_path, int file, int output,
			    repair_listener *listener, void *context,
			    enum repair_failure *ret_failure)
{
	const int files[] = { file, output };
	CLEANUP(fd_close) int connection = -1;
	if (call_connect(socket_path, clock_now_ms() + CONNECT_MS, &connection) != STATUS_OK ||
	    call_send(connection, REPAIR_REQUEST, files, 2) != STATUS_OK)
		return REPAIR_END_NOT_STARTED;
	unsigned char started;
	enum call_end end =
		call_read(connection, &started, sizeof(started), clock_now_ms() + START_MS);
	if (end != CALL_ALL || started != PROBE_STARTED) {
		log_warn("media_repair_not_started");
		return REPAIR_END_NOT_STARTED;
	}
	return listen_to(connection, listener, context, ret_failure);
}
