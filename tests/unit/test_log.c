/* One line per event, whatever is in it. */
#include "unit.h"

#include <pthread.h>
#include <regex.h>

#include "base/log.h"

static void assert_matches(const char *text, const char *pattern)
{
	regex_t regex;
	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	int result = regexec(&regex, text, 0, NULL, 0);
	regfree(&regex);
	if (result != 0)
		fail_msg("\"%s\" does not match %s", text, pattern);
}

static void a_line_has_time_level_program_and_event(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	log_capture();
	log_info("post_sent post=%d", 7);
	log_warn("slow");
	log_error("broken why=%s", "x");
	const char *log = log_captured(&arena);
	assert_matches(log,
		       "^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z info "
		       "unit\\[[0-9]+\\] post_sent post=7\n");
	assert_contains(log, "Z warn unit[");
	assert_contains(log, "Z error unit[");
	assert_int_equal(count_of(log, "\n"), 3);
}

static void a_value_cannot_forge_a_line(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	log_capture();
	log_info("name=%s", "a\n2026-11-22T00:00:00.000Z error spg[1] forged\r\x1b[2J\x7f\x01\t");
	const char *log = log_captured(&arena);
	assert_int_equal(count_of(log, "\n"), 1);
	assert_contains(log, "name=a\\x0a2026");
	assert_contains(log, "forged\\x0d\\x1b[2J\\x7f\\x01\\x09\n");
}

static void every_control_character_is_escaped(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	for (int byte = 1; byte < 128; byte++) {
		if (byte >= 0x20 && byte != 0x7f)
			continue;
		log_capture();
		log_info("[%c]", byte);
		assert_contains(log_captured(&arena), arena_printf(&arena, "[\\x%02x]\n", byte));
	}
}

static void text_beyond_ascii_stays(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	log_capture();
	log_info("name=%s", "Привет 😀");
	assert_contains(log_captured(&arena), "name=Привет 😀\n");
}

static void a_long_value_is_cut_to_one_line(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const char fill[] = { 'x', '\n', '\x7f' };
	for (size_t i = 0; i < ARRAY_SIZE(fill); i++) {
		char *text = arena_alloc(&arena, 100001);
		memset(text, fill[i], 100000);
		log_set_request(text);
		log_capture();
		log_info("%s", text);
		const char *log = log_captured(&arena);
		log_set_request(NULL);
		assert_int_equal(count_of(log, "\n"), 1);
		assert_true(strlen(log) > 1000 && strlen(log) <= 4096);
		assert_int_equal(log[strlen(log) - 1], '\n');
	}
}

static void the_request_is_on_every_line_until_the_next(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	log_capture();
	log_set_request("abc123");
	log_info("first");
	log_warn("second");
	log_set_request("other\n");
	log_info("third");
	log_set_request(NULL);
	log_info("fourth");
	const char *log = log_captured(&arena);
	assert_contains(log, "] request=abc123 first\n");
	assert_contains(log, "] request=abc123 second\n");
	assert_contains(log, "] request=other\\x0a third\n");
	assert_contains(log, "] fourth\n");
}

static void *log_in_thread(void *unused)
{
	(void)unused;
	log_info("thread");
	log_set_request("theirs");
	return NULL;
}

static void the_request_is_of_its_thread(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	pthread_t thread;
	log_set_request("ours");
	log_capture();
	assert_int_equal(pthread_create(&thread, NULL, log_in_thread, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	log_info("main");
	const char *log = log_captured(&arena);
	log_set_request(NULL);
	assert_contains(log, "] thread\n");
	assert_contains(log, "] request=ours main\n");
}

static void die(void *unused)
{
	(void)unused;
	log_die("cannot_go_on why=%d", 5);
}

static void dying_logs_and_ends_with_one(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	log_capture();
	int status = status_of_child(die, NULL);
	assert_contains(log_captured(&arena), " error unit[");
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

static void log_without_stderr(void *unused)
{
	(void)unused;
	close(STDERR_FILENO);
	log_error("nobody_hears");
	_exit(0);
}

static void a_log_that_cannot_be_written_stops_nothing(void **state)
{
	(void)state;
	int status = status_of_child(log_without_stderr, NULL);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_time_level_program_and_event),
		cmocka_unit_test(a_value_cannot_forge_a_line),
		cmocka_unit_test(every_control_character_is_escaped),
		cmocka_unit_test(text_beyond_ascii_stays),
		cmocka_unit_test(a_long_value_is_cut_to_one_line),
		cmocka_unit_test(the_request_is_on_every_line_until_the_next),
		cmocka_unit_test(the_request_is_of_its_thread),
		cmocka_unit_test(dying_logs_and_ends_with_one),
		cmocka_unit_test(a_log_that_cannot_be_written_stops_nothing),
	};
	log_open("unit");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
