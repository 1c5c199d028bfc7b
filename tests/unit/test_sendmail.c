/* The mail program as a child: how its ends are told, and that it finds nothing of ours. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "remote/sendmail.h"

static char folder[] = "/tmp/test_sendmail_XXXXXX";

static const char *path_of(struct arena *arena, const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

/* A program of shell lines; its path. */
static const char *program(struct arena *arena, const char *lines)
{
	const char *path = path_of(arena, "program");
	unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	const char *text = arena_printf(arena, "#!/bin/sh\n%s\n", lines);
	assert_true(fd >= 0 && file_write_all(fd, text, strlen(text)) == 0 && close(fd) == 0);
	return path;
}

static const char *content(struct arena *arena, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = arena_alloc(arena, 100001);
	assert_true(fd >= 0 && file_read_all(fd, text, 100000) >= 0 && close(fd) == 0);
	return text;
}

static void check_end(const char *path, int timeout_ms, const char *how, int code)
{
	struct sendmail_end end;
	assert_status(sendmail_run(path, "text", timeout_ms, &end), STATUS_RETRY);
	assert_string_equal(end.how, how);
	assert_int_equal(end.code, code);
}

static void it_gets_the_text_and_its_arguments_and_nothing_else(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct sendmail_end end;
	char text[70001];
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	setenv("SPG_SECRET_OF_OURS", "1", 1);
	/* Not for a child: without the flag that says so. */
	int open_fd = open("/dev/null", O_RDONLY);
	assert_true(open_fd > 2);
	const char *path = program(
		&arena, arena_printf(&arena,
				     "cat > %s/input; echo \"$@\" > %s/arguments; env > %s/env; "
				     "ls /proc/self/fd > %s/fds; echo noise; echo noise >&2",
				     folder, folder, folder, folder));
	assert_status(sendmail_run(path, text, 10000, &end), STATUS_OK);
	close(open_fd);
	assert_string_equal(content(&arena, path_of(&arena, "input")), text);
	assert_string_equal(content(&arena, path_of(&arena, "arguments")), "-t -i\n");
	assert_null(strstr(content(&arena, path_of(&arena, "env")), "SPG_SECRET"));
	/* 0, 1, 2 and the one that ls has open itself. */
	assert_string_equal(content(&arena, path_of(&arena, "fds")), "0\n1\n2\n3\n");
}

static void ends_are_told(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	check_end(program(&arena, "exit 75"), 10000, "exit", 75);
	check_end(program(&arena, "kill -9 $$"), 10000, "signal", SIGKILL);
	check_end("/nonexistent/sendmail", 10000, "exit", 127);
	/* Not reading is no failure. */
	struct sendmail_end end;
	assert_status(sendmail_run(program(&arena, "exit 0"), "text", 10000, &end), STATUS_OK);
}

static void one_that_hangs_is_killed_with_its_children(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *pid_path = path_of(&arena, "child");
	const char *path =
		program(&arena, arena_printf(&arena, "sleep 600 & echo $! > %s; wait", pid_path));
	int64_t began = clock_now_ms();
	check_end(path, 500, "timeout", 0);
	assert_true(clock_now_ms() - began < 5000);
	/* It is somebody else's child now, who may take a moment to see it end. */
	const char *state_path = arena_printf(&arena, "/proc/%.*s/stat",
					      (int)strcspn(content(&arena, pid_path), "\n"),
					      content(&arena, pid_path));
	int64_t deadline = clock_now_ms() + 5000;
	bool gone = false;
	while (!gone && clock_now_ms() < deadline)
		gone = access(state_path, F_OK) != 0 ||
		       strstr(content(&arena, state_path), ") Z ") != NULL;
	assert_true(gone);
}

static int folder_make(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
	(void)state;
	static const char *const names[] = {
		"program", "input", "arguments", "env", "fds", "child"
	};
	CLEANUP(arena) struct arena arena = { 0 };
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlink(path_of(&arena, names[i]));
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_gets_the_text_and_its_arguments_and_nothing_else),
		cmocka_unit_test(ends_are_told),
		cmocka_unit_test(one_that_hangs_is_killed_with_its_children),
	};
	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
