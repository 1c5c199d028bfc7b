/* The client of the media process against one that is absent, slow, mad or brought down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/arena.h"
#include "media/probe.h"
#include "media/probe_protocol.h"

#define REPORT                                                                                     \
	"{\"ok\":true,\"code\":\"\",\"message\":\"\",\"container\":\"webm\",\"codec\":\"vp9\","    \
	"\"audio_codec\":\"\",\"width\":720,\"height\":1280,\"rotation\":0,\"fps_milli\":30000,"   \
	"\"fps_variable\":false,\"duration_ms\":5000,\"size\":5,\"has_location\":false,"           \
	"\"has_device\":false}"
#define JPEG "\xff\xd8\xff\xe0rest\xff\xd9"

struct fixture {
	char directory[32];
	char socket_path[64];
	char file_path[64];
	int file;
	int listener;
	pid_t server;
	struct arena arena;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	fixture = (struct fixture){ .directory = "/tmp/spg-probe-XXXXXX" };
	if (!mkdtemp(fixture.directory))
		return -1;
	snprintf(fixture.socket_path, sizeof(fixture.socket_path), "%s/media.sock",
		 fixture.directory);
	snprintf(fixture.file_path, sizeof(fixture.file_path), "%s/file", fixture.directory);
	int fd = open(fixture.file_path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || write(fd, "video", 5) != 5 || close(fd) < 0)
		return -1;
	fixture.file = open(fixture.file_path, O_RDONLY | O_CLOEXEC);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	memcpy(address.sun_path, fixture.socket_path, strlen(fixture.socket_path));
	fixture.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fixture.file < 0 || fixture.listener < 0 ||
	    bind(fixture.listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fixture.listener, 4) < 0)
		return -1;
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	if (fixture->server > 0) {
		kill(fixture->server, SIGKILL);
		waitpid(fixture->server, NULL, 0);
	}
	close(fixture->file);
	close(fixture->listener);
	unlink(fixture->socket_path);
	unlink(fixture->file_path);
	rmdir(fixture->directory);
	arena_reset(&fixture->arena);
	return 0;
}

/* One block of the protocol, its length in front. */
static void write_prefixed(int connection, uint32_t claimed, const char *bytes, size_t length)
{
	unsigned char prefix[4] = { (unsigned char)(claimed >> 24), (unsigned char)(claimed >> 16),
				    (unsigned char)(claimed >> 8), (unsigned char)claimed };
	if (write(connection, prefix, 4) == 4 && length > 0 &&
	    write(connection, bytes, length) != (ssize_t)length)
		_exit(1);
}

/* A server for one client: takes the request, calls answer, ends the connection or stays. */
static void serve_once(struct fixture *fixture, void (*answer)(int connection), bool stays)
{
	fixture->server = fork();
	assert_true(fixture->server >= 0);
	if (fixture->server > 0)
		return;
	signal(SIGPIPE, SIG_IGN);
	int connection = accept(fixture->listener, NULL, NULL);
	char request;
	if (recv(connection, &request, 1, 0) != 1 || request != 'P')
		_exit(1);
	answer(connection);
	while (stays)
		pause();
	_exit(0);
}

static enum status ask(struct fixture *fixture, int timeout_ms, struct probe_result *ret_result)
{
	return probe_file(&fixture->arena, fixture->socket_path, fixture->file, timeout_ms,
			  ret_result);
}

static void assert_brought_down(struct fixture *fixture)
{
	struct probe_result result;
	assert_int_equal(ask(fixture, 5000, &result), STATUS_OK);
	assert_false(result.ok);
	assert_string_equal(result.code, "file_format_check_failed");
	assert_non_null(strstr(result.message, "could not be read"));
	assert_int_equal(result.video.size, 5);
	assert_string_equal(result.video.codec, "");
	assert_null(result.thumbnail);
}

static void answer_nothing(int connection)
{
	(void)connection;
}

static void answer_wrong_start(int connection)
{
	write_prefixed(connection, 0, "", 0);
}

static void answer_started(int connection)
{
	if (write(connection, "S", 1) != 1)
		_exit(1);
}

static void answer_good(int connection)
{
	answer_started(connection);
	write_prefixed(connection, sizeof(REPORT) - 1, REPORT, sizeof(REPORT) - 1);
	write_prefixed(connection, sizeof(JPEG) - 1, JPEG, sizeof(JPEG) - 1);
}

static void answer_with_strip(int connection, uint32_t frames, uint32_t claimed, const char *bytes,
			      size_t length)
{
	answer_good(connection);
	write_prefixed(connection, frames, "", 0);
	write_prefixed(connection, claimed, bytes, length);
}

static void answer_good_strip(int connection)
{
	answer_with_strip(connection, 10, sizeof(JPEG) - 1, JPEG, sizeof(JPEG) - 1);
}

static void answer_strip_that_is_no_jpeg(int connection)
{
	answer_with_strip(connection, 10, 13, "<html></html>", 13);
}

static void answer_strip_of_too_many_frames(int connection)
{
	answer_with_strip(connection, PROBE_STRIP_FRAMES_MAX + 1, sizeof(JPEG) - 1, JPEG,
			  sizeof(JPEG) - 1);
}

static void answer_endless_strip(int connection)
{
	answer_with_strip(connection, 10, PROBE_STRIP_MAX + 1, JPEG, sizeof(JPEG) - 1);
}

static void answer_half_a_strip(int connection)
{
	answer_with_strip(connection, 10, sizeof(JPEG) - 1, JPEG, 4);
}

static void answer_bad_thumbnail(int connection)
{
	answer_started(connection);
	write_prefixed(connection, sizeof(REPORT) - 1, REPORT, sizeof(REPORT) - 1);
	write_prefixed(connection, 13, "<html></html>", 13);
}

static void answer_half(int connection)
{
	answer_started(connection);
	write_prefixed(connection, sizeof(REPORT) - 1, REPORT, 20);
}

static void answer_without_thumbnail_block(int connection)
{
	answer_started(connection);
	write_prefixed(connection, sizeof(REPORT) - 1, REPORT, sizeof(REPORT) - 1);
}

static void answer_endless_report(int connection)
{
	answer_started(connection);
	write_prefixed(connection, 0xffffffff, REPORT, sizeof(REPORT) - 1);
}

static void answer_endless_thumbnail(int connection)
{
	answer_started(connection);
	write_prefixed(connection, sizeof(REPORT) - 1, REPORT, sizeof(REPORT) - 1);
	write_prefixed(connection, PROBE_THUMBNAIL_MAX + 1, JPEG, sizeof(JPEG) - 1);
}

static void answer_nonsense(int connection)
{
	answer_started(connection);
	write_prefixed(connection, 9, "{\"ok\":1}\n", 9);
	write_prefixed(connection, 0, "", 0);
}

static void a_good_answer_arrives_whole(void **state)
{
	struct fixture *fixture = *state;
	struct probe_result result;
	serve_once(fixture, answer_good, false);
	assert_int_equal(ask(fixture, 5000, &result), STATUS_OK);
	assert_true(result.ok);
	assert_string_equal(result.video.codec, "vp9");
	assert_int_equal(result.thumbnail_size, sizeof(JPEG) - 1);
	assert_memory_equal(result.thumbnail, JPEG, sizeof(JPEG) - 1);
}

static void a_strip_arrives_whole(void **state)
{
	struct fixture *fixture = *state;
	struct probe_result result;
	serve_once(fixture, answer_good_strip, false);
	assert_int_equal(ask(fixture, 5000, &result), STATUS_OK);
	assert_true(result.ok);
	assert_int_equal(result.strip_frames, 10);
	assert_int_equal(result.strip_size, sizeof(JPEG) - 1);
	assert_memory_equal(result.strip, JPEG, sizeof(JPEG) - 1);
}

/* Whatever is wrong with its strip: the video is good. */
static void assert_good_without_strip(struct fixture *fixture, void (*answer)(int connection))
{
	struct probe_result result;
	serve_once(fixture, answer, false);
	assert_int_equal(ask(fixture, 5000, &result), STATUS_OK);
	assert_true(result.ok);
	assert_int_equal(result.thumbnail_size, sizeof(JPEG) - 1);
	assert_null(result.strip);
	assert_int_equal(result.strip_frames, 0);
}

static void a_strip_that_is_no_jpeg_is_dropped(void **state)
{
	assert_good_without_strip(*state, answer_strip_that_is_no_jpeg);
}

static void a_strip_of_too_many_frames_is_dropped(void **state)
{
	assert_good_without_strip(*state, answer_strip_of_too_many_frames);
}

static void an_endless_strip_is_dropped(void **state)
{
	assert_good_without_strip(*state, answer_endless_strip);
}

static void half_a_strip_is_dropped(void **state)
{
	assert_good_without_strip(*state, answer_half_a_strip);
}

static void a_thumbnail_that_is_no_jpeg_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	struct probe_result result;
	serve_once(fixture, answer_bad_thumbnail, false);
	assert_int_equal(ask(fixture, 5000, &result), STATUS_OK);
	assert_true(result.ok);
	assert_null(result.thumbnail);
	assert_int_equal(result.thumbnail_size, 0);
}

static void an_absent_process_is_tried_again_later(void **state)
{
	struct fixture *fixture = *state;
	struct probe_result result;
	close(fixture->listener);
	assert_int_equal(ask(fixture, 1000, &result), STATUS_RETRY);
	unlink(fixture->socket_path);
	assert_int_equal(ask(fixture, 1000, &result), STATUS_RETRY);
}

static void an_end_before_the_start_says_nothing_about_the_file(void **state)
{
	struct fixture *fixture = *state;
	struct probe_result result;
	serve_once(fixture, answer_nothing, false);
	assert_int_equal(ask(fixture, 5000, &result), STATUS_RETRY);
}

static void a_wrong_first_byte_is_no_start(void **state)
{
	struct fixture *fixture = *state;
	struct probe_result result;
	serve_once(fixture, answer_wrong_start, false);
	assert_int_equal(ask(fixture, 5000, &result), STATUS_RETRY);
}

static void an_end_after_the_start_is_the_files_fault(void **state)
{
	serve_once(*state, answer_started, false);
	assert_brought_down(*state);
}

static void half_a_report_is_the_files_fault(void **state)
{
	serve_once(*state, answer_half, false);
	assert_brought_down(*state);
}

static void a_missing_thumbnail_block_is_the_files_fault(void **state)
{
	serve_once(*state, answer_without_thumbnail_block, false);
	assert_brought_down(*state);
}

static void lengths_beyond_the_limits_are_not_believed(void **state)
{
	serve_once(*state, answer_endless_report, true);
	assert_brought_down(*state);
}

static void a_thumbnail_beyond_the_limit_is_not_read(void **state)
{
	serve_once(*state, answer_endless_thumbnail, true);
	assert_brought_down(*state);
}

static void nonsense_is_the_files_fault(void **state)
{
	serve_once(*state, answer_nonsense, false);
	assert_brought_down(*state);
}

static void silence_ends_at_the_deadline(void **state)
{
	struct fixture *fixture = *state;
	struct probe_result result;
	serve_once(fixture, answer_started, true);
	assert_int_equal(ask(fixture, 100, &result), STATUS_RETRY);
}

static void a_full_queue_ends_at_the_deadline(void **state)
{
	struct fixture *fixture = *state;
	struct probe_result result;
	for (int i = 0; i < 8; i++)
		assert_int_equal(ask(fixture, 20, &result), STATUS_RETRY);
}

static void only_files_that_cannot_be_written_are_passed(void **state)
{
	struct fixture *fixture = *state;
	struct probe_result result;
	int writable = open(fixture->file_path, O_RDWR | O_CLOEXEC);
	int pipes[2];
	assert_true(writable >= 0 && pipe(pipes) == 0);
	assert_int_equal(probe_file(&fixture->arena, fixture->socket_path, writable, 100, &result),
			 STATUS_BROKEN);
	assert_int_equal(probe_file(&fixture->arena, fixture->socket_path, pipes[0], 100, &result),
			 STATUS_BROKEN);
	assert_int_equal(probe_file(&fixture->arena, fixture->socket_path, -1, 100, &result),
			 STATUS_BROKEN);
	close(writable);
	close(pipes[0]);
	close(pipes[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_good_answer_arrives_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_strip_arrives_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_strip_that_is_no_jpeg_is_dropped, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_strip_of_too_many_frames_is_dropped, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_endless_strip_is_dropped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(half_a_strip_is_dropped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_thumbnail_that_is_no_jpeg_is_dropped, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_absent_process_is_tried_again_later, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_end_before_the_start_says_nothing_about_the_file,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_wrong_first_byte_is_no_start, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_end_after_the_start_is_the_files_fault, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(half_a_report_is_the_files_fault, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_missing_thumbnail_block_is_the_files_fault,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(lengths_beyond_the_limits_are_not_believed, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_thumbnail_beyond_the_limit_is_not_read, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(nonsense_is_the_files_fault, set_up, tear_down),
		cmocka_unit_test_setup_teardown(silence_ends_at_the_deadline, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_queue_ends_at_the_deadline, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(only_files_that_cannot_be_written_are_passed,
						set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
