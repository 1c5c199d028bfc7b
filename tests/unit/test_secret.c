/* Secrets from files: without their line end, within their size, never in the log. */
#include "unit.h"

#include <sodium.h>

#include "base/secret.h"
#include "base/token.h"

static void assert_loads(const char *bytes, size_t length, const char *wanted)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct secret secret;
	const char *path = scratch_file(&arena, bytes, length);
	enum status st = secret_load(path, &secret);
	unlink(path);
	assert_status(st, STATUS_OK);
	assert_int_equal(secret.length, strlen(wanted));
	assert_string_equal(secret.bytes, wanted);
	sodium_free((void *)(uintptr_t)secret.bytes);
}

static void assert_refuses(const char *bytes, size_t length, const char *problem)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct secret secret = { "untouched", 9 };
	const char *path = scratch_file(&arena, bytes, length);
	log_capture();
	enum status st = secret_load(path, &secret);
	const char *log = log_captured(&arena);
	unlink(path);
	assert_status(st, STATUS_BROKEN);
	assert_string_equal(secret.bytes, "untouched");
	assert_contains(log, arena_printf(&arena, "secret_bad file=%s problem=%s", path, problem));
	assert_lacks(log, "geheim");
}

static void the_line_end_is_not_part_of_it(void **state)
{
	(void)state;
	assert_loads("geheim", 6, "geheim");
	assert_loads("geheim\n", 7, "geheim");
	assert_loads("geheim\r\n", 8, "geheim");
	assert_loads(" ge heim \n\n", 11, " ge heim ");
	assert_loads("x", 1, "x");
}

static void a_file_without_a_secret_is_refused(void **state)
{
	(void)state;
	assert_refuses("", 0, "empty");
	assert_refuses("\n", 1, "empty");
	assert_refuses("\r\n\n", 3, "empty");
}

static void a_secret_is_at_most_4096_bytes(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	char *text = arena_alloc(&arena, 10001);
	memset(text, 'x', 10000);
	const char *longest = arena_strndup(&arena, text, 4096);
	assert_loads(text, 4096, longest);
	assert_loads(arena_printf(&arena, "%s\n", longest), 4097, longest);
	assert_loads(arena_printf(&arena, "%s\r\n", longest), 4098, longest);
	assert_refuses(text, 4097, "longer");
	assert_refuses(text, 4098, "longer");
	assert_refuses(text, 10000, "longer");
	/* What follows the line end of a full one is not cut off in silence. */
	assert_refuses(arena_printf(&arena, "%s\nmore", longest), 4101, "longer");
	assert_refuses(arena_printf(&arena, "%s\n\nmore", longest), 4102, "longer");
	assert_refuses(arena_printf(&arena, "%s\r\nm", longest), 4099, "longer");
	assert_refuses(arena_printf(&arena, "%s\n\n\nmore", longest), 4103, "longer");
}

static void a_nul_in_it_is_refused(void **state)
{
	(void)state;
	assert_refuses("geheim\0geheim", 13, "holds a NUL");
	assert_refuses("\0", 1, "holds a NUL");
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct secret secret;
	log_capture();
	enum status missing = secret_load("/nonexistent/secret", &secret);
	enum status folder = secret_load("/", &secret);
	const char *log = log_captured(&arena);
	assert_status(missing, STATUS_BROKEN);
	assert_status(folder, STATUS_BROKEN);
	assert_contains(log, "file=/nonexistent/secret error=");
	assert_contains(log, "secret_bad file=/ problem=");
}

static void a_copy_is_terminated(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct secret secret = secret_copy(&arena, "abcdef", 3);
	assert_int_equal(secret.length, 3);
	assert_string_equal(secret.bytes, "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_end_is_not_part_of_it),
		cmocka_unit_test(a_file_without_a_secret_is_refused),
		cmocka_unit_test(a_secret_is_at_most_4096_bytes),
		cmocka_unit_test(a_nul_in_it_is_refused),
		cmocka_unit_test(a_file_that_cannot_be_read_is_named),
		cmocka_unit_test(a_copy_is_terminated),
	};
	token_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
