/*
 * The media process: takes one file by descriptor, says what it is. It listens on descriptor 0 and
 * answers each connection from a child that is shut in before it reads the first byte. It also codes
 * files anew, one at a time, in a child of the same kind. No configuration, no database, no keys: there
 * is nothing here to steal.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "media/inspect.h"
#include "media/probe_protocol.h"
#include "media/sandbox.h"
#include "media/transcode.h"

/* How a child ends, when no signal ends it. */
enum { CHILD_ANSWERED = 0, CHILD_NOT_ASKED = 3, CHILD_NOT_SHUT_IN = 4, CHILD_NOT_HEARD = 5 };

struct child {
	pid_t pid; /* 0: free place */
	int64_t started_ms;
};

/* A child says that it was asked for a repair, and waits for this answer (or death). */
#define ASK_FOR_REPAIR SIGRTMIN
enum { GO_ON = SIGUSR1 };

struct service {
	int listener;
	int signals; /* signalfd */
	struct child children[PROBE_CHILDREN_MAX];
	int running;	     /* of children */
	struct child repair; /* takes none of their places */
	bool ending;	     /* SIGTERM came: no new work, the children finish */
};

/* What a client asks for: the kind of work, and its descriptors. */
struct request {
	unsigned char kind; /* PROBE_REQUEST, REPAIR_REQUEST */
	int file;
	int output; /* -1 unless a repair */
};

static bool is_open_for(int fd, int access)
{
	int flags = fcntl(fd, F_GETFL);
	return flags >= 0 && (flags & O_ACCMODE) == access;
}

/* One byte and exactly its descriptors, opened as they must be; else false. */
static bool receive_request(int connection, struct request *ret_request)
{
	unsigned char kind = 0;
	struct iovec bytes = { &kind, sizeof(kind) };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct msghdr message = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got;
	do {
		got = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	struct cmsghdr *rights = got == 1 ? CMSG_FIRSTHDR(&message) : NULL;
	size_t count = kind == PROBE_REQUEST ? 1 : kind == REPAIR_REQUEST ? 2 : 0;
	if (!rights || count == 0 || (message.msg_flags & MSG_CTRUNC) ||
	    rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS ||
	    rights->cmsg_len != CMSG_LEN(count * sizeof(int)))
		return false;
	int files[2] = { -1, -1 };
	memcpy(files, CMSG_DATA(rights), count * sizeof(int));
	*ret_request = (struct request){ kind, files[0], files[1] };
	return is_open_for(files[0], O_RDONLY) && (count == 1 || is_open_for(files[1], O_RDWR));
}

static bool write_block(const void *bytes, size_t length)
{
	uint32_t prefix = htonl((uint32_t)length);
	return file_write_all(SANDBOX_CONNECTION, &prefix, sizeof(prefix)) == 0 &&
	       file_write_all(SANDBOX_CONNECTION, bytes, length) == 0;
}

static bool write_number(uint32_t number)
{
	number = htonl(number);
	return file_write_all(SANDBOX_CONNECTION, &number, sizeof(number)) == 0;
}

static bool write_started(void)
{
	unsigned char started = PROBE_STARTED;
	return file_write_all(SANDBOX_CONNECTION, &started, sizeof(started)) == 0;
}

/* In the sandbox: examine, answer, end. */
static int answer(int64_t size)
{
	static char report[PROBE_REPORT_MAX];
	if (!write_started())
		return CHILD_NOT_HEARD;
	struct inspection inspection;
	inspect_file(SANDBOX_FILE, size, &inspection);
	size_t length = inspection_report(&inspection, report, sizeof(report));
	if (!write_block(report, length) ||
	    !write_block(inspection.thumbnail ? (const void *)inspection.thumbnail : "",
			 inspection.thumbnail_size))
		return CHILD_NOT_HEARD;
	uint8_t *strip = NULL;
	size_t strip_size = 0;
	int frames = inspect_strip(&inspection, &strip, &strip_size);
	return write_number((uint32_t)frames) && write_block(frames > 0 ? (const void *)strip : "",
							     frames > 0 ? strip_size : 0)
		       ? CHILD_ANSWERED
		       : CHILD_NOT_HEARD;
}

static bool write_pair(unsigned char kind, int value)
{
	unsigned char pair[2] = { kind, (unsigned char)value };
	return file_write_all(SANDBOX_CONNECTION, pair, sizeof(pair)) == 0;
}

static bool tell_percent(int percent)
{
	return write_pair(REPAIR_PERCENT, percent);
}

/* In the sandbox: code anew. A client that does not listen any more does not want it any more. */
static int repair(int64_t size)
{
	if (!write_started())
		return CHILD_NOT_HEARD;
	enum repair_failure failure = transcode(SANDBOX_FILE, size, SANDBOX_OUTPUT, tell_percent);
	bool heard = failure == REPAIR_NO_FAILURE ? write_pair(REPAIR_DONE, 0)
						  : write_pair(REPAIR_FAILED, (int)failure);
	return heard ? CHILD_ANSWERED : CHILD_NOT_HEARD;
}

/* Ask the service for the one place that repairs have; a second one is killed here. */
static void take_repair_place(pid_t parent)
{
	sigset_t go_on;
	sigemptyset(&go_on);
	sigaddset(&go_on, GO_ON);
	if (kill(parent, ASK_FOR_REPAIR) < 0)
		_exit(CHILD_NOT_ASKED);
	while (sigwaitinfo(&go_on, NULL) < 0 && errno == EINTR)
		;
	alarm(REPAIR_SECONDS_MAX);
	/* A result that grows too large is an error to be told, not a death. */
	signal(SIGXFSZ, SIG_IGN);
}

/*
 * A child's life. It outlives neither the service nor its time, whatever the file does to it. It
 * does not die of SIGTERM, which systemd sends to all: a file being read when the service is
 * restarted would look like one that brings it down.
 */
static int child_main(int connection, pid_t parent)
{
	sigset_t blocked;
	sigemptyset(&blocked);
	sigaddset(&blocked, GO_ON);
	signal(SIGALRM, SIG_DFL);
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	alarm(PROBE_SECONDS_MAX);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		return CHILD_NOT_ASKED;

	struct request request;
	struct stat about;
	if (!receive_request(connection, &request) || fstat(request.file, &about) < 0)
		return CHILD_NOT_ASKED;
	int64_t size = S_ISREG(about.st_mode) ? about.st_size : -1;
	if (request.kind == PROBE_REQUEST)
		return sandbox_enter(connection, request.file) == STATUS_OK ? answer(size)
									    : CHILD_NOT_SHUT_IN;
	if (fstat(request.output, &about) < 0 || !S_ISREG(about.st_mode) || about.st_size != 0)
		return CHILD_NOT_ASKED;
	take_repair_place(parent);
	return sandbox_enter_repair(connection, request.file, request.output) == STATUS_OK
		       ? repair(size)
		       : CHILD_NOT_SHUT_IN;
}

static void start_child(struct service *service, int connection)
{
	pid_t parent = getpid();
	pid_t pid = fork();
	if (pid == 0)
		_exit(child_main(connection, parent));
	close(connection);
	if (pid < 0) {
		log_error("media_fork_failed errno=%d", errno);
		return;
	}
	for (int i = 0; i < PROBE_CHILDREN_MAX; i++) {
		if (service->children[i].pid != 0)
			continue;
		service->children[i] = (struct child){ pid, clock_now_ms() };
		service->running++;
		return;
	}
}

static void log_end(const struct child *child, int result, const struct rusage *usage)
{
	int64_t wall = clock_now_ms() - child->started_ms;
	int64_t cpu = (int64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000 +
		      (usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1000;
	const char *words = "answered";
	if (WIFSIGNALED(result)) {
		log_warn("media_child_killed child=%d signal=%d ms=%lld cpu_ms=%lld peak_kb=%ld",
			 (int)child->pid, WTERMSIG(result), (long long)wall, (long long)cpu,
			 usage->ru_maxrss);
		return;
	}
	switch (WEXITSTATUS(result)) {
	case CHILD_ANSWERED:
		break;
	case CHILD_NOT_ASKED:
		words = "not_asked";
		break;
	case CHILD_NOT_SHUT_IN:
		words = "not_shut_in";
		break;
	case CHILD_NOT_HEARD:
		words = "not_heard";
		break;
	default:
		words = "failed";
		break;
	}
	log_info("media_child_ended child=%d end=%s ms=%lld cpu_ms=%lld peak_kb=%ld",
		 (int)child->pid, words, (long long)wall, (long long)cpu, usage->ru_maxrss);
}

/* The child pid moves to the place of repairs, or, where that is taken, ends. */
static void give_repair_place(struct service *service, pid_t pid)
{
	for (int i = 0; i < PROBE_CHILDREN_MAX; i++) {
		if (service->children[i].pid != pid)
			continue;
		if (service->repair.pid != 0 || service->ending) {
			kill(pid, SIGKILL);
			return;
		}
		service->repair = service->children[i];
		service->children[i].pid = 0;
		service->running--;
		log_info("media_repair_started child=%d", (int)pid);
		kill(pid, GO_ON);
	}
}

static void reap_children(struct service *service)
{
	int result;
	struct rusage usage;
	pid_t pid;
	while ((pid = wait4(-1, &result, WNOHANG, &usage)) > 0) {
		if (service->repair.pid == pid) {
			log_end(&service->repair, result, &usage);
			service->repair.pid = 0;
		}
		for (int i = 0; i < PROBE_CHILDREN_MAX; i++) {
			if (service->children[i].pid != pid)
				continue;
			log_end(&service->children[i], result, &usage);
			service->children[i].pid = 0;
			service->running--;
		}
	}
}

static void kill_children(struct service *service)
{
	for (int i = 0; i < PROBE_CHILDREN_MAX; i++) {
		if (service->children[i].pid != 0)
			kill(service->children[i].pid, SIGKILL);
	}
}

static void kill_repair(struct service *service)
{
	if (service->repair.pid != 0)
		kill(service->repair.pid, SIGKILL);
}

/*
 * The first SIGTERM lets the children finish (10 seconds at most), the second does not. A repair, which
 * may take hours, begins anew.
 */
static void handle_signals(struct service *service)
{
	struct signalfd_siginfo info;
	while (read(service->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (info.ssi_signo == (uint32_t)ASK_FOR_REPAIR) {
			give_repair_place(service, (pid_t)info.ssi_pid);
			continue;
		}
		if (service->ending)
			kill_children(service);
		service->ending = true;
		kill_repair(service);
	}
	reap_children(service);
}

static void serve(struct service *service)
{
	while (!service->ending || service->running > 0 || service->repair.pid != 0) {
		bool has_room = !service->ending && service->running < PROBE_CHILDREN_MAX;
		struct pollfd ready[] = {
			{ .fd = service->signals, .events = POLLIN },
			{ .fd = has_room ? service->listener : -1, .events = POLLIN },
		};
		if (poll(ready, 2, -1) < 0 && errno != EINTR)
			log_die("media_poll_failed errno=%d", errno);
		if (ready[0].revents)
			handle_signals(service);
		if (!ready[1].revents || service->ending)
			continue;
		int connection = accept4(service->listener, NULL, NULL, SOCK_CLOEXEC);
		if (connection >= 0)
			start_child(service, connection);
		else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			log_die("media_accept_failed errno=%d", errno);
	}
}

static bool is_listening_unix_socket(int fd)
{
	int domain = 0, accepts = 0;
	socklen_t length = sizeof(int);
	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 && domain == AF_UNIX &&
	       getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &length) == 0 && accepts;
}

int main(void)
{
	log_open("media");
	if (!is_listening_unix_socket(STDIN_FILENO)) {
		log_error("media_not_started descriptor 0 must be a listening Unix stream socket");
		return 2;
	}
	sigset_t watched;
	sigemptyset(&watched);
	sigaddset(&watched, SIGCHLD);
	sigaddset(&watched, SIGTERM);
	sigaddset(&watched, SIGINT);
	sigaddset(&watched, ASK_FOR_REPAIR);
	sigaddset(&watched, GO_ON);
	sigprocmask(SIG_BLOCK, &watched, NULL);
	struct service service = {
		.listener = STDIN_FILENO,
		.signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK),
	};
	int flags = fcntl(STDIN_FILENO, F_GETFL);
	if (service.signals < 0 || flags < 0 ||
	    fcntl(STDIN_FILENO, F_SETFL, flags | O_NONBLOCK) < 0) {
		log_error("media_not_started errno=%d", errno);
		return 1;
	}
	inspect_prepare();
	log_info("media_started");
	serve(&service);
	log_info("media_ended");
	return 0;
}
