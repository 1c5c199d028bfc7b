/* The growing buffer: its limit, its sticky error, its terminator. */
#include "unit.h"

#include "base/buf.h"

static void an_empty_buffer_is_empty_text(void **state)
{
	(void)state;
	CLEANUP(buf) struct buf buf = BUF_INIT(10);
	assert_string_equal(buf_text(&buf), "");
	buf_puts(&buf, "");
	buf_append(&buf, NULL, 0);
	assert_string_equal(buf_text(&buf), "");
	assert_true(buf_ok(&buf));
}

static void appends_follow_each_other(void **state)
{
	(void)state;
	CLEANUP(buf) struct buf buf = BUF_INIT(100);
	buf_puts(&buf, "one ");
	buf_append(&buf, "two!", 3);
	buf_printf(&buf, " %d", 3);
	assert_string_equal(buf_text(&buf), "one two 3");
	assert_int_equal(buf.length, 9);
}

static void bytes_of_any_value_are_kept(void **state)
{
	(void)state;
	CLEANUP(buf) struct buf buf = BUF_INIT(1000);
	unsigned char bytes[256];
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	buf_append(&buf, bytes, sizeof(bytes));
	assert_int_equal(buf.length, 256);
	assert_memory_equal(buf.data, bytes, 256);
	assert_int_equal(buf.data[256], 0);
}

static void growth_keeps_what_was_there(void **state)
{
	(void)state;
	CLEANUP(buf) struct buf buf = BUF_INIT(1 << 20);
	for (int i = 0; i < 20000; i++)
		buf_printf(&buf, "%05d", i);
	assert_true(buf_ok(&buf));
	assert_int_equal(buf.length, 100000);
	assert_memory_equal(buf.data, "0000000001", 10);
	assert_string_equal(buf.data + 99995, "19999");
}

static void the_limit_itself_fits(void **state)
{
	(void)state;
	for (size_t limit = 250; limit < 260; limit++) {
		CLEANUP(buf) struct buf buf = BUF_INIT(limit);
		for (size_t i = 0; i < limit; i++)
			buf_puts(&buf, "x");
		assert_true(buf_ok(&buf));
		assert_int_equal(strlen(buf_text(&buf)), limit);
		buf_puts(&buf, "x");
		assert_false(buf_ok(&buf));
		assert_int_equal(strlen(buf_text(&buf)), limit);
	}
}

static void a_failed_append_adds_nothing_and_stops_all_later_ones(void **state)
{
	(void)state;
	CLEANUP(buf) struct buf buf = BUF_INIT(5);
	buf_puts(&buf, "abc");
	buf_puts(&buf, "defg");
	buf_puts(&buf, "h");
	buf_printf(&buf, "i");
	assert_false(buf_ok(&buf));
	assert_string_equal(buf_text(&buf), "abc");
}

static void a_printf_beyond_the_limit_breaks_it_too(void **state)
{
	(void)state;
	CLEANUP(buf) struct buf buf = BUF_INIT(5);
	buf_printf(&buf, "%s", "123456");
	assert_false(buf_ok(&buf));
	assert_string_equal(buf_text(&buf), "");
}

static void a_length_that_overflows_breaks_it(void **state)
{
	(void)state;
	CLEANUP(buf) struct buf buf = BUF_INIT(100);
	buf_puts(&buf, "abc");
	buf_append(&buf, "x", SIZE_MAX);
	assert_false(buf_ok(&buf));
	assert_string_equal(buf_text(&buf), "abc");
}

static void clearing_makes_it_usable_again(void **state)
{
	(void)state;
	CLEANUP(buf) struct buf buf = BUF_INIT(5);
	buf_puts(&buf, "abcdef");
	buf_clear(&buf);
	assert_true(buf_ok(&buf));
	assert_string_equal(buf_text(&buf), "");
	buf_puts(&buf, "abc");
	buf_clear(&buf);
	assert_string_equal(buf_text(&buf), "");
	buf_puts(&buf, "defgh");
	assert_string_equal(buf_text(&buf), "defgh");
}

static void releasing_keeps_the_limit(void **state)
{
	(void)state;
	struct buf buf = BUF_INIT(3);
	buf_puts(&buf, "abc");
	buf_release(&buf);
	assert_null(buf.data);
	assert_int_equal(buf.limit, 3);
	buf_puts(&buf, "abcd");
	assert_false(buf_ok(&buf));
	buf_release(&buf);
	buf_release(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_is_empty_text),
		cmocka_unit_test(appends_follow_each_other),
		cmocka_unit_test(bytes_of_any_value_are_kept),
		cmocka_unit_test(growth_keeps_what_was_there),
		cmocka_unit_test(the_limit_itself_fits),
		cmocka_unit_test(a_failed_append_adds_nothing_and_stops_all_later_ones),
		cmocka_unit_test(a_printf_beyond_the_limit_breaks_it_too),
		cmocka_unit_test(a_length_that_overflows_breaks_it),
		cmocka_unit_test(clearing_makes_it_usable_again),
		cmocka_unit_test(releasing_keeps_the_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
