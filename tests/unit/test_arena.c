/* Memory of a request: zeroed, aligned, terminated, and gone at the reset. */
#include "unit.h"

static void memory_is_zeroed_and_aligned(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	for (size_t size = 1; size < 200; size += 7) {
		unsigned char *bytes = arena_alloc(&arena, size);
		assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xa5, size);
	}
}

static void pieces_do_not_overlap(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	char *pieces[100];
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		pieces[i] = arena_alloc(&arena, i + 1);
		memset(pieces[i], (int)i, i + 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		for (size_t j = 0; j <= i; j++)
			assert_int_equal(pieces[i][j], i);
	}
}

static void no_bytes_are_still_a_pointer(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_non_null(arena_alloc(&arena, 0));
}

static void copies_end_where_they_are_told(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *text = "abcdef";
	char *whole = arena_strdup(&arena, text);
	assert_string_equal(whole, text);
	assert_ptr_not_equal(whole, text);
	assert_string_equal(arena_strndup(&arena, text, 3), "abc");
	assert_string_equal(arena_strndup(&arena, text, 0), "");
	const char *binary = arena_strndup(&arena, "a\0b", 3);
	assert_memory_equal(binary, "a\0b\0", 4);
}

static void nothing_is_copied_as_empty_text(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_string_equal(arena_strdup(&arena, NULL), "");
	assert_string_equal(arena_strndup(&arena, NULL, 0), "");
	assert_string_equal(arena_strndup(&arena, NULL, 5), "");
}

static void formatted_text_has_any_length(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_string_equal(arena_printf(&arena, "%s", ""), "");
	assert_string_equal(arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
	const char *wide = arena_printf(&arena, "%*d", 100000, 1);
	assert_int_equal(strlen(wide), 100000);
	assert_int_equal(wide[99999], '1');
}

static void an_arena_works_again_after_its_reset(void **state)
{
	(void)state;
	struct arena arena = { 0 };
	for (int round = 0; round < 3; round++) {
		assert_string_equal(arena_strdup(&arena, "again"), "again");
		arena_reset(&arena);
		assert_null(arena.pieces);
	}
	arena_reset(&arena);
}

static void alloc_too_much(void *size)
{
	struct arena arena = { 0 };
	arena_alloc(&arena, *(size_t *)size);
}

static void a_size_that_cannot_be_ends_the_process(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	size_t sizes[] = { SIZE_MAX, SIZE_MAX - 8 };
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		log_capture();
		int status = status_of_child(alloc_too_much, &sizes[i]);
		assert_contains(log_captured(&arena), " error ");
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(pieces_do_not_overlap),
		cmocka_unit_test(no_bytes_are_still_a_pointer),
		cmocka_unit_test(copies_end_where_they_are_told),
		cmocka_unit_test(nothing_is_copied_as_empty_text),
		cmocka_unit_test(formatted_text_has_any_length),
		cmocka_unit_test(an_arena_works_again_after_its_reset),
		cmocka_unit_test(a_size_that_cannot_be_ends_the_process),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
