/*
 * The media process: takes one file by descriptor, says what it is. It listens on descriptor 0 and
 * answers each connection from a child that is shut in before it reads the first byte. No
 * configuration, no database, no keys: there is nothing here to steal.
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
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "media/inspect.h"
#include "media/probe_protocol.h"
#include "media/sandbox.h"

/* How a child ends, when no signal ends it. */
enum { CHILD_ANSWERED = 0, CHILD_NOT_ASKED = 3, CHILD_NOT_SHUT_IN = 4, CHILD_NOT_HEARD = 5 };

struct child {
	pid_t pid; /* 0: free place */
	int64_t started_ms;
};

struct service {
	int listener;
	int signals; /* signalfd */
	struct child children[PROBE_CHILDREN_MAX];
	int running;
	bool ending; /* SIGTERM came: no new work, the children finish */
};

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The request: one byte and exactly one read-only descriptor. -1 when it is not that. */
static int receive_file(int connection)
{
	unsigned char request = 0;
	struct iovec bytes = { &request, sizeof(request) };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
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
	if (!rights || request != PROBE_REQUEST || (message.msg_flags & MSG_CTRUNC) ||
	    rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS ||
	    rights->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	int file;
	memcpy(&file, CMSG_DATA(rights), sizeof(file));
	int flags = fcntl(file, F_GETFL);
	return flags >= 0 && (flags & O_ACCMODE) == O_RDONLY ? file : -1;
}

static bool write_block(const void *bytes, size_t length)
{
	uint32_t prefix = htonl((uint32_t)length);
	return file_write_all(SANDBOX_CONNECTION, &prefix, sizeof(prefix)) == 0 &&
	       file_write_all(SANDBOX_CONNECTION, bytes, length) == 0;
}

/* In the sandbox: examine, answer, end. */
static int answer(int64_t size)
{
	static char report[PROBE_REPORT_MAX];
	unsigned char started = PROBE_STARTED;
	if (file_write_all(SANDBOX_CONNECTION, &started, sizeof(started)) < 0)
		return CHILD_NOT_HEARD;
	struct inspection inspection;
	inspect_file(SANDBOX_FILE, size, &inspection);
	size_t length = inspection_report(&inspection, report, sizeof(report));
	return write_block(report, length) &&
			       write_block(inspection.thumbnail ? (const void *)inspection.thumbnail
								: "",
					   inspection.thumbnail_size)
		       ? CHILD_ANSWERED
		       : CHILD_NOT_HEARD;
}

/*
 * A child's life. It outlives neither the service nor its time, whatever the file does to it. It
 * does not die of SIGTERM, which systemd sends to all: a file being read when the service is
 * restarted would look like one that brings it down.
 */
static int child_main(int connection, pid_t parent)
{
	sigset_t none;
	sigemptyset(&none);
	signal(SIGALRM, SIG_DFL);
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(PROBE_SECONDS_MAX);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		return CHILD_NOT_ASKED;

	int file = receive_file(connection);
	struct stat about;
	if (file < 0 || fstat(file, &about) < 0)
		return CHILD_NOT_ASKED;
	if (sandbox_enter(connection, file) != STATUS_OK)
		return CHILD_NOT_SHUT_IN;
	return answer(S_ISREG(about.st_mode) ? about.st_size : -1);
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
		service->children[i] = (struct child){ pid, now_ms() };
		service->running++;
		return;
	}
}

static void log_end(const struct child *child, int result, const struct rusage *usage)
{
	int64_t wall = now_ms() - child->started_ms;
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

static void reap_children(struct service *service)
{
	int result;
	struct rusage usage;
	pid_t pid;
	while ((pid = wait4(-1, &result, WNOHANG, &usage)) > 0) {
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

/* The first SIGTERM lets the children finish (20 seconds at most), the second does not. */
static void handle_signals(struct service *service)
{
	struct signalfd_siginfo info;
	while (read(service->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (service->ending)
			kill_children(service);
		service->ending = true;
	}
	reap_children(service);
}

static void serve(struct service *service)
{
	while (!service->ending || service->running > 0) {
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
