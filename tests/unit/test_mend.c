/* What a repair makes of a rate and a size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "media/mend.h"

static double rate(int fps_milli, bool is_variable)
{
	return av_q2d(mend_rate(fps_milli, is_variable));
}

static void assert_rate(int fps_milli, bool is_variable, double expected)
{
	double off = rate(fps_milli, is_variable) - expected;
	assert_true(off < 0.001 && off > -0.001);
}

static void a_rate_that_fits_is_kept(void **state)
{
	(void)state;
	static const int rates[] = { 23000, 23976, 25000, 29970, 30000, 50000, 59940, 60000 };
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++)
		assert_rate(rates[i], false, rates[i] / 1000.0);
}

static void others_are_doubled_or_halved(void **state)
{
	(void)state;
	static const int rates[][2] = { { 15000, 30 },	{ 12000, 24 }, { 10000, 40 },
					{ 1000, 32 },	{ 90000, 45 }, { 120000, 60 },
					{ 240000, 60 }, { 100000, 50 } };
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++)
		assert_rate(rates[i][0], false, rates[i][1]);
}

static void variable_and_absurd_ones_become_30(void **state)
{
	(void)state;
	assert_rate(41000, true, 30);
	assert_rate(0, false, 30);
	assert_rate(100000000, false, 30);
}

static void every_rate_comes_within_the_limits(void **state)
{
	(void)state;
	for (int fps_milli = 0; fps_milli < 5000000; fps_milli += 997) {
		double fps = rate(fps_milli, false);
		assert_true(fps >= 23 - 0.001 && fps <= 60 + 0.001);
	}
}

static void assert_size(int width, int height, int to_width, int to_height)
{
	int got_width, got_height;
	assert_true(mend_size(width, height, &got_width, &got_height));
	assert_int_equal(got_width, to_width);
	assert_int_equal(got_height, to_height);
}

static void sizes_keep_their_shape(void **state)
{
	(void)state;
	assert_size(1080, 1920, 1080, 1920);
	assert_size(200, 200, 360, 360);
	assert_size(200, 400, 360, 720);
	assert_size(4160, 720, 2080, 360);
	assert_size(4320, 7680, 1080, 1920);
	assert_size(4096, 4096, 4096, 4096);
}

static void sides_are_even_and_within_the_limits(void **state)
{
	(void)state;
	for (int width = 1; width < 9000; width += 37) {
		for (int height = 1; height < 9000; height += 41) {
			int to_width, to_height;
			if (!mend_size(width, height, &to_width, &to_height))
				continue;
			assert_true(to_width % 2 == 0 && to_height % 2 == 0);
			assert_in_range(to_width, 360, 4096);
			assert_in_range(to_height, 360, 4096);
			double shape = (double)to_width / to_height * height / width;
			assert_true(shape > 0.98 && shape < 1.02);
		}
	}
}

static void a_line_fits_nowhere(void **state)
{
	(void)state;
	int width, height;
	assert_false(mend_size(4000, 100, &width, &height));
	assert_false(mend_size(1, 5000, &width, &height));
	assert_false(mend_size(0, 0, &width, &height));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rate_that_fits_is_kept),
		cmocka_unit_test(others_are_doubled_or_halved),
		cmocka_unit_test(variable_and_absurd_ones_become_30),
		cmocka_unit_test(every_rate_comes_within_the_limits),
		cmocka_unit_test(sizes_keep_their_shape),
		cmocka_unit_test(sides_are_even_and_within_the_limits),
		cmocka_unit_test(a_line_fits_nowhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
