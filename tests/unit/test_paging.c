/* Cursors are words that only we make, limits are bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "web/paging.h"
#include "web/request.h"

static struct arena arena;

static int end(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static struct request with_query(struct form_field *fields, size_t count)
{
	return (struct request){ .arena = &arena, .query = { fields, count } };
}

static void a_cursor_comes_back_as_its_id(void **state)
{
	(void)state;
	static const int64_t ids[] = { 1, 20, INT64_MAX };
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		int64_t id = 0;
		assert_int_equal(paging_cursor_parse(paging_cursor(&arena, ids[i]), &id),
				 STATUS_OK);
		assert_int_equal(id, ids[i]);
	}
}

static void other_words_are_no_cursors(void **state)
{
	(void)state;
	static const char *const bad[] = { "",	 "c",	"1",   "x1",
					   "c0", "c-1", "c1x", "c99999999999999999999" };
	int64_t id;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(paging_cursor_parse(bad[i], &id), STATUS_INVALID);
}

static void limits_have_a_standard_and_a_bound(void **state)
{
	(void)state;
	struct paging paging;
	struct request none = with_query(NULL, 0);
	assert_int_equal(paging_read(&none, 20, 100, &paging), STATUS_OK);
	assert_int_equal(paging.limit, 20);
	assert_int_equal(paging.cursor, 0);
	struct form_field empty[] = { { "limit", "" }, { "cursor", "" } };
	struct request blank = with_query(empty, 2);
	assert_int_equal(paging_read(&blank, 20, 100, &paging), STATUS_OK);
	struct form_field most[] = { { "limit", "100" }, { "cursor", "c7" } };
	struct request good = with_query(most, 2);
	assert_int_equal(paging_read(&good, 20, 100, &paging), STATUS_OK);
	assert_int_equal(paging.limit, 100);
	assert_int_equal(paging.cursor, 7);
}

static void bad_limits_and_cursors_are_named(void **state)
{
	(void)state;
	static const char *const bad[] = { "0", "101", "-1", "ten", "1e1", " 5" };
	struct paging paging;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct form_field fields[] = { { "limit", bad[i] }, { "cursor", "nothing" } };
		struct request req = with_query(fields, 2);
		assert_int_equal(paging_read(&req, 20, 100, &paging), STATUS_INVALID);
		assert_int_equal(req.error_count, 2);
		assert_string_equal(req.errors[0].code, "cursor_invalid");
		assert_string_equal(req.errors[1].code, "limit_invalid");
	}
}

static void the_item_too_many_says_that_there_is_more(void **state)
{
	(void)state;
	struct paging paging = { 0, 3 };
	size_t count = 3;
	assert_false(paging_trim(&paging, &count));
	assert_int_equal(count, 3);
	count = 4;
	assert_true(paging_trim(&paging, &count));
	assert_int_equal(count, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_cursor_comes_back_as_its_id, end),
		cmocka_unit_test(other_words_are_no_cursors),
		cmocka_unit_test_teardown(limits_have_a_standard_and_a_bound, end),
		cmocka_unit_test_teardown(bad_limits_and_cursors_are_named, end),
		cmocka_unit_test(the_item_too_many_says_that_there_is_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
