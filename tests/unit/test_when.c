/* Times as text: what is one and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/when.h"

static void rfc3339_takes_offsets_and_fractions(void **state)
{
	(void)state;
	static const char *const good[] = {
		"2026-11-22T14:05:00Z",	     "2026-11-22t14:05:00z",
		"2026-11-22T14:05:00.5Z",    "2026-11-22T14:05:00.123456789Z",
		"2026-11-22T14:05:00+03:00", "2026-11-22T14:05:00-15:59",
		"2024-02-29T00:00:00Z",	     "2000-02-29T23:59:59Z",
		"0001-01-01T00:00:00Z",	     "9999-12-31T23:59:59Z",
	};
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(when_is_rfc3339(good[i]));
}

static void rfc3339_refuses_everything_else(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"now",
		"infinity",
		"2026-11-22",
		"2026-11-22T14:05:00",
		"2026-11-22 14:05:00Z",
		"2026-11-22T14:05Z",
		"2026-11-22T24:00:00Z",
		"2026-11-22T14:60:00Z",
		"2026-11-22T14:05:60Z",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z",
		"2026-11-00T00:00:00Z",
		"0000-01-01T00:00:00Z",
		"2026-11-22T14:05:00.Z",
		"2026-11-22T14:05:00.1234567890Z",
		"2026-11-22T14:05:00+0300",
		"2026-11-22T14:05:00+03",
		"2026-11-22T14:05:00+16:00",
		"2026-11-22T14:05:00Z ",
		"2026-11-22T14:05:00ZZ",
		" 2026-11-22T14:05:00Z",
		"2026-11-2T14:05:00Z",
		"12026-11-22T14:05:00Z",
		"-026-11-22T14:05:00Z",
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(when_is_rfc3339(bad[i]));
}

static void local_times_have_no_offset(void **state)
{
	(void)state;
	assert_true(when_is_local("2026-11-22T14:05"));
	assert_true(when_is_local("2026-11-22T14:05:59"));
	assert_false(when_is_local("2026-11-22T14:05Z"));
	assert_false(when_is_local("2026-11-22T14:05:00.5"));
	assert_false(when_is_local("2026-11-22T14:5"));
	assert_false(when_is_local("2026-11-22 14:05"));
	assert_false(when_is_local("2026-02-30T14:05"));
	assert_false(when_is_local("2026-11-22"));
	assert_false(when_is_local(""));
}

static void notes_have_words(void **state)
{
	(void)state;
	assert_null(when_note_name(WHEN_PLAIN));
	assert_string_equal(when_note_name(WHEN_SKIPPED), "skipped");
	assert_string_equal(when_note_name(WHEN_REPEATED), "repeated");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc3339_takes_offsets_and_fractions),
		cmocka_unit_test(rfc3339_refuses_everything_else),
		cmocka_unit_test(local_times_have_no_offset),
		cmocka_unit_test(notes_have_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
