/* What the unit tests share: cmocka with the headers it wants, captured log lines, scratch files.
 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/status.h"

#define assert_status(got, wanted) assert_string_equal(status_name(got), status_name(wanted))

/* From here to log_captured(), what the code under test writes to stderr is kept. */
static int captured_file = -1, captured_stderr = -1;

__attribute__((unused)) static void log_capture(void)
{
	captured_file = memfd_create("log", MFD_CLOEXEC);
	captured_stderr = dup(STDERR_FILENO);
	assert_true(captured_file >= 0 && captured_stderr >= 0);
	assert_true(dup2(captured_file, STDERR_FILENO) >= 0);
}

/* The lines since log_capture(), in the arena. */
__attribute__((unused)) static const char *log_captured(struct arena *arena)
{
	static char text[64 * 1024];
	assert_true(dup2(captured_stderr, STDERR_FILENO) >= 0);
	close(captured_stderr);
	ssize_t length = pread(captured_file, text, sizeof(text), 0);
	close(captured_file);
	assert_true(length >= 0);
	return arena_strndup(arena, text, (size_t)length);
}

__attribute__((unused)) static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;
	for (; (text = strstr(text, part)) != NULL; text += strlen(part))
		count++;
	return count;
}

#define assert_contains(text, part)                                                                \
	do {                                                                                       \
		if (!strstr(text, part))                                                           \
			fail_msg("\"%s\" is not in \"%s\"", part, text);                           \
	} while (0)

#define assert_lacks(text, part)                                                                   \
	do {                                                                                       \
		if (strstr(text, part))                                                            \
			fail_msg("\"%s\" is in \"%s\"", part, text);                               \
	} while (0)

/* A new file with these bytes; the caller removes it by unlink(). */
__attribute__((unused)) static const char *scratch_file(struct arena *arena, const void *bytes,
							size_t length)
{
	const char *folder = getenv("TMPDIR");
	char *path = arena_printf(arena, "%s/spg-unit-XXXXXX", folder && *folder ? folder : "/tmp");
	CLEANUP(fd_close) int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(file_write_all(fd, bytes, length), 0);
	return path;
}

/* The wait status of a child that runs act(context): how a process ends can be tested only from
 * outside. */
__attribute__((unused)) static int status_of_child(void (*act)(void *context), void *context)
{
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		act(context);
		_exit(99);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}
