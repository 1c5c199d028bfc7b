/* The mail program as a child. */
#include "remote/sendmail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

enum { EXIT_CANNOT_START = 127 };

/* A file in memory instead of a pipe: the child may read it, or not, as it likes. */
static int input_open(const char *text)
{
	CLEANUP(fd_close) int fd = memfd_create("mail", MFD_CLOEXEC);
	if (fd < 0 || file_write_all(fd, text, strlen(text)) != 0 || lseek(fd, 0, SEEK_SET) != 0)
		return -1;
	int input = fd;
	fd = -1;
	return input;
}

__attribute__((noreturn)) static void child_run(const char *program, int input)
{
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", recipients[] = "-t", dots[] = "-i";
	char *arguments[] = { (char *)(uintptr_t)program, recipients, dots, NULL };
	char *environment[] = { path, NULL };
	struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t none;
	/* A group of its own, so that what it starts ends with it. */
	setpgid(0, 0);
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (nowhere < 0 || dup2(input, STDIN_FILENO) < 0 || dup2(nowhere, STDOUT_FILENO) < 0 ||
	    dup2(nowhere, STDERR_FILENO) < 0 ||
	    syscall(SYS_close_range, STDERR_FILENO + 1, UINT_MAX, 0) != 0)
		_exit(EXIT_CANNOT_START);
	sigaction(SIGPIPE, &usual, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(program, arguments, environment);
	_exit(EXIT_CANNOT_START);
}

/* False when it has not ended in time. */
static bool wait_for_end(pid_t child, int timeout_ms)
{
	CLEANUP(fd_close) int fd = (int)syscall(SYS_pidfd_open, child, 0);
	int64_t ends_at = clock_now_ms() + timeout_ms;
	struct pollfd end = { .fd = fd, .events = POLLIN };
	while (fd >= 0) {
		int64_t left = ends_at - clock_now_ms();
		int ready = poll(&end, 1, left > 0 ? (int)left : 0);
		if (ready > 0)
			return true;
		if (ready == 0 || errno != EINTR)
			return false;
	}
	return false;
}

static enum status end_read(int state, bool in_time, struct sendmail_end *ret_end)
{
	if (!in_time)
		*ret_end = (struct sendmail_end){ "timeout", 0 };
	else if (WIFSIGNALED(state))
		*ret_end = (struct sendmail_end){ "signal", WTERMSIG(state) };
	else
		*ret_end = (struct sendmail_end){ "exit", WEXITSTATUS(state) };
	return in_time && WIFEXITED(state) && WEXITSTATUS(state) == 0 ? STATUS_OK : STATUS_RETRY;
}

enum status sendmail_run(const char *program, const char *text, int timeout_ms,
			 struct sendmail_end *ret_end)
{
	CLEANUP(fd_close) int input = input_open(text);
	pid_t child = input < 0 ? -1 : fork();
	if (child < 0) {
		*ret_end = (struct sendmail_end){ "start", errno };
		return STATUS_RETRY;
	}
	if (child == 0)
		child_run(program, input);
	/* Here as well: whoever is first. */
	setpgid(child, child);
	bool in_time = wait_for_end(child, timeout_ms);
	if (!in_time)
		kill(-child, SIGKILL);
	int state = 0;
	while (waitpid(child, &state, 0) < 0 && errno == EINTR)
		;
	return end_read(state, in_time, ret_end);
}
