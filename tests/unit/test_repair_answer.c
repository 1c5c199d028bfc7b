/* What the media process says during a repair, believed or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "media/repair.h"
#include "media/repair_answer.h"

static enum status take(struct repair_answer *answer, const char *bytes, size_t length)
{
	return repair_answer_take(answer, (const unsigned char *)bytes, length);
}

static void progress_then_done(void **state)
{
	(void)state;
	struct repair_answer answer = { 0 };
	assert_int_equal(take(&answer, "%\x05%\x64", 4), STATUS_OK);
	assert_int_equal(answer.percent, 100);
	assert_false(answer.done);
	assert_int_equal(take(&answer, "D\0", 2), STATUS_OK);
	assert_true(answer.done);
	assert_int_equal(answer.failure, REPAIR_NO_FAILURE);
}

static void a_stream_may_be_cut_anywhere(void **state)
{
	(void)state;
	struct repair_answer answer = { 0 };
	static const char bytes[] = { '%', 1, '%', 50, 'F', REPAIR_SHAPE };
	for (size_t i = 0; i < sizeof(bytes); i++)
		assert_int_equal(take(&answer, bytes + i, 1), STATUS_OK);
	assert_int_equal(answer.percent, 50);
	assert_int_equal(answer.failure, REPAIR_SHAPE);
	assert_false(answer.done);
}

static void progress_never_goes_back(void **state)
{
	(void)state;
	struct repair_answer answer = { 0 };
	assert_int_equal(take(&answer, "%\x32%\x01", 4), STATUS_OK);
	assert_int_equal(answer.percent, 50);
}

static void nonsense_is_refused(void **state)
{
	(void)state;
	static const char pairs[][2] = { { '%', 101 },
					 { '%', (char)255 },
					 { 'D', 1 },
					 { 'F', 0 },
					 { 'F', REPAIR_FAILURE_LAST + 1 },
					 { 'X', 0 },
					 { 0, 0 } };
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct repair_answer answer = { 0 };
		assert_int_equal(take(&answer, pairs[i], 2), STATUS_INVALID);
		assert_false(answer.done);
	}
}

static void nothing_follows_the_end(void **state)
{
	(void)state;
	struct repair_answer answer = { 0 };
	assert_int_equal(take(&answer, "D\0%\x05", 4), STATUS_INVALID);
	answer = (struct repair_answer){ 0 };
	assert_int_equal(take(&answer,
			      "F\x01"
			      "D\0",
			      4),
			 STATUS_INVALID);
	assert_false(answer.done);
}

static void every_failure_has_a_code(void **state)
{
	(void)state;
	for (int i = REPAIR_NO_FAILURE + 1; i <= REPAIR_FAILURE_LAST; i++)
		assert_true(*repair_failure_code((enum repair_failure)i) != '\0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(progress_then_done),
		cmocka_unit_test(a_stream_may_be_cut_anywhere),
		cmocka_unit_test(progress_never_goes_back),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(nothing_follows_the_end),
		cmocka_unit_test(every_failure_has_a_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
