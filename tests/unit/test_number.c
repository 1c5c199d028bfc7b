/* The one number parser: digits, range, nothing else. */
#include "unit.h"

#include "base/number.h"

static void assert_number(const char *text, int64_t min, int64_t max, int64_t wanted)
{
	int64_t value = 77;
	assert_status(number_parse(text, min, max, &value), STATUS_OK);
	assert_true(value == wanted);
}

static void assert_no_number(const char *text, int64_t min, int64_t max)
{
	int64_t value = 77;
	assert_status(number_parse(text, min, max, &value), STATUS_INVALID);
	assert_true(value == 77);
}

static void digits_are_a_number(void **state)
{
	(void)state;
	assert_number("0", 0, 10, 0);
	assert_number("7", 0, 10, 7);
	assert_number("0042", 0, 100, 42);
	assert_number("9007199254740993", 0, INT64_MAX, INT64_C(9007199254740993));
}

static void a_sign_is_taken_only_where_the_range_has_one(void **state)
{
	(void)state;
	assert_number("-5", -10, 10, -5);
	assert_number("-0", -1, 1, 0);
	assert_no_number("-5", 0, 10);
	assert_no_number("-0", 0, 10);
	assert_no_number("+5", -10, 10);
	assert_no_number("--5", -10, 10);
	assert_no_number("5-", -10, 10);
}

static void both_ends_of_the_range_belong_to_it(void **state)
{
	(void)state;
	assert_number("3", 3, 5, 3);
	assert_number("5", 3, 5, 5);
	assert_no_number("2", 3, 5);
	assert_no_number("6", 3, 5);
	assert_no_number("1", 5, 3);
}

static void the_whole_of_int64_fits_and_nothing_more(void **state)
{
	(void)state;
	assert_number("9223372036854775807", INT64_MIN, INT64_MAX, INT64_MAX);
	assert_number("-9223372036854775808", INT64_MIN, INT64_MAX, INT64_MIN);
	assert_no_number("9223372036854775808", INT64_MIN, INT64_MAX);
	assert_no_number("-9223372036854775809", INT64_MIN, INT64_MAX);
	assert_no_number("18446744073709551616", INT64_MIN, INT64_MAX);
	assert_no_number("99999999999999999999999999999999999999", INT64_MIN, INT64_MAX);
	assert_number("00000000000000000000000000000000000001", 0, 1, 1);
}

static void anything_else_is_no_number(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",	 " ",	" 1",  "1 ",  "\t1", "1\n", "1.0",	"1e3",		"0x10",
		"1,000", "-",	"+",   "abc", "1a",  "a1",  "\xd9\xa1", "\xef\xbc\x91", "1_0",
		"NaN",	 "inf", "0b1", "1%",  "1;2"
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_no_number(bad[i], INT64_MIN, INT64_MAX);
	assert_no_number(NULL, INT64_MIN, INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_are_a_number),
		cmocka_unit_test(a_sign_is_taken_only_where_the_range_has_one),
		cmocka_unit_test(both_ends_of_the_range_belong_to_it),
		cmocka_unit_test(the_whole_of_int64_fits_and_nothing_more),
		cmocka_unit_test(anything_else_is_no_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
