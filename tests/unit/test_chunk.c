/* The plan of chunks: TikTok's table row by row, and what must hold for every size. */
#include "unit.h"

#include "publish/chunk.h"

static void every_row_of_the_reference_holds(void **state)
{
	(void)state;
	/* Reference 3.5.2, but for its last row, which is more than a video may have. */
	static const struct {
		int64_t total, size, count, last;
	} rows[] = {
		{ 1, 1, 1, 1 },
		{ 3145728, 3145728, 1, 3145728 },
		{ 50000123, 50000123, 1, 50000123 },
		{ 64000000, 64000000, 1, 64000000 },
		{ 64000001, 10485760, 6, 11571201 },
		{ 66259900, 10485760, 6, 13831100 },
		{ 67108864, 10485760, 6, 14680064 },
		{ 67108865, 10485760, 6, 14680065 },
		{ 77360899, 10485760, 7, 14446339 },
		{ 121000000, 10485760, 11, 16142400 },
		{ 150000000, 10485760, 14, 13685120 },
		{ 1073741824, 10485760, 102, 14680064 },
		{ 4000000000, 10485760, 381, 15411200 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct chunk_plan plan;
		int64_t first, last;
		assert_status(chunk_plan_make(rows[i].total, &plan), STATUS_OK);
		assert_int_equal(plan.total, rows[i].total);
		assert_int_equal(plan.size, rows[i].size);
		assert_int_equal(plan.count, rows[i].count);
		chunk_range(&plan, plan.count - 1, &first, &last);
		assert_int_equal(last - first + 1, rows[i].last);
		assert_int_equal(last, rows[i].total - 1);
	}
}

static void sizes_that_no_video_has_are_refused(void **state)
{
	(void)state;
	static const int64_t bad[] = { 0, -1, INT64_MIN, 4000000001, 4294967296, INT64_MAX };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct chunk_plan plan = { .total = 5 };
		assert_status(chunk_plan_make(bad[i], &plan), STATUS_INVALID);
		assert_int_equal(plan.total, 5);
	}
}

/* TikTok's rules (reference 3.5.1) in the strictest reading of MB, and that nothing is sent twice.
 */
static void assert_rules(int64_t total)
{
	const int64_t least = 5 * 1048576, most = 64000000, most_last = 128000000;
	struct chunk_plan plan;
	assert_status(chunk_plan_make(total, &plan), STATUS_OK);
	if (plan.count < 1 || plan.count > 1000 || plan.count != total / plan.size ||
	    plan.size > most)
		fail_msg("total %lld", (long long)total);
	if (plan.count == 1)
		assert_int_equal(plan.size, total);
	else
		assert_true(plan.size >= least);
	int64_t expected = 0;
	for (int64_t i = 0; i < plan.count; i++) {
		int64_t first, last;
		chunk_range(&plan, i, &first, &last);
		int64_t length = last - first + 1;
		bool is_last = i == plan.count - 1;
		if (first != expected || length < 1 || (!is_last && length != plan.size) ||
		    (is_last &&
		     (length < plan.size || length >= 2 * plan.size || length > most_last)))
			fail_msg("total %lld chunk %lld", (long long)total, (long long)i);
		assert_int_equal(chunk_of(&plan, first), i);
		assert_int_equal(chunk_of(&plan, first + length / 2), i);
		assert_int_equal(chunk_of(&plan, last), i);
		expected = last + 1;
	}
	assert_int_equal(expected, total);
}

static void the_rules_hold_for_many_sizes(void **state)
{
	(void)state;
	for (int64_t total = 1; total <= 4000; total++)
		assert_rules(total);
	/* A prime step meets all kinds of remainders. */
	for (int64_t total = 1; total <= 4000000000; total += 1299709)
		assert_rules(total);
	for (int64_t count = 1; count <= 381; count++) {
		for (int64_t more = -2; more <= 2; more++)
			assert_rules(count * 10485760 + more);
	}
	for (int64_t more = -3; more <= 0; more++) {
		assert_rules(4000000000 + more);
		assert_rules(64000000 + more);
		assert_rules(64000004 + more);
		assert_rules(67108866 + more);
		assert_rules(128000002 + more);
	}
}

static void what_is_half_there_is_sent_again_from_its_start(void **state)
{
	(void)state;
	struct chunk_plan plan;
	assert_status(chunk_plan_make(77360899, &plan), STATUS_OK);
	assert_int_equal(chunk_of(&plan, 0), 0);
	assert_int_equal(chunk_of(&plan, 10485759), 0);
	assert_int_equal(chunk_of(&plan, 10485760), 1);
	assert_int_equal(chunk_of(&plan, 10485761), 1);
	assert_int_equal(chunk_of(&plan, 6 * 10485760), 6);
	/* The remainder belongs to the last one: there is no chunk behind it. */
	assert_int_equal(chunk_of(&plan, 7 * 10485760), 6);
	assert_int_equal(chunk_of(&plan, 77360898), 6);
	assert_int_equal(chunk_of(&plan, 77360899), 6);
	assert_int_equal(chunk_of(&plan, INT64_MAX), 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_reference_holds),
		cmocka_unit_test(sizes_that_no_video_has_are_refused),
		cmocka_unit_test(the_rules_hold_for_many_sizes),
		cmocka_unit_test(what_is_half_there_is_sent_again_from_its_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
