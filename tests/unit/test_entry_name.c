/* Names inside an archive, whatever people call their videos. */
#include "unit.h"

#include "base/arena.h"
#include "export/entry_name.h"

static struct arena arena;

static int teardown(void **state)
{
	(void)state;
	arena_reset(&arena);
	return 0;
}

static void test_plain_names_stay(void **state)
{
	(void)state;
	assert_string_equal(entry_name(&arena, 7, "clip.mp4", "mp4"), "videos/7-clip.mp4");
	assert_string_equal(entry_name(&arena, 7, "clip.MP4", "mp4"), "videos/7-clip.MP4");
	assert_string_equal(entry_name(&arena, 7, "Summer day", "mov"), "videos/7-Summer day.mov");
	assert_string_equal(entry_name(&arena, 7, "v1.2", "webm"), "videos/7-v1.2.webm");
	assert_string_equal(entry_name(&arena, 7, "Отпуск", NULL), "videos/7-Отпуск");
	assert_string_equal(entry_name(&arena, 7, "clip.avi", "other"), "videos/7-clip.avi");
}

static void test_nothing_leads_elsewhere(void **state)
{
	(void)state;
	assert_string_equal(entry_name(&arena, 7, "../../etc/passwd", NULL), "videos/7-etc_passwd");
	assert_string_equal(entry_name(&arena, 7, "..\\boot.ini", NULL), "videos/7-boot.ini");
	assert_string_equal(entry_name(&arena, 7, "/a/b.mp4", "mp4"), "videos/7-a_b.mp4");
	assert_string_equal(entry_name(&arena, 7, "C:\\x", NULL), "videos/7-C__x");
	assert_string_equal(entry_name(&arena, 7,
				       "a\nb\x7f"
				       "c\xc2\x9f",
				       NULL),
			    "videos/7-a_b_c");
}

static void test_nothing_shows_as_something_else(void **state)
{
	(void)state;
	assert_string_equal(entry_name(&arena, 7, "a\xe2\x80\xaegpm.exe", NULL),
			    "videos/7-a_gpm.exe");
	assert_string_equal(entry_name(&arena, 7, "a\xe2\x80\x8b.mp4", "mp4"), "videos/7-a_.mp4");
	assert_string_equal(entry_name(&arena, 7, "bad\xff.mp4", "mp4"), "videos/7-bad_.mp4");
}

static void test_nothing_left_is_no_name(void **state)
{
	(void)state;
	assert_string_equal(entry_name(&arena, 7, "", "mp4"), "videos/7.mp4");
	assert_string_equal(entry_name(&arena, 7, " .. / ", NULL), "videos/7");
	assert_string_equal(entry_name(&arena, 7, "name. ", NULL), "videos/7-name");
}

static void test_long_names_are_cut_at_a_character(void **state)
{
	(void)state;
	char name[4 * ENTRY_NAME_BYTES] = "x";
	for (int i = 0; i < ENTRY_NAME_BYTES; i++)
		memcpy(name + 1 + 2 * i, "\xd0\xb6", 2);
	const char *made = entry_name(&arena, 7, name, NULL);
	assert_int_equal(strlen(made), strlen("videos/7-") + ENTRY_NAME_BYTES - 1);
	assert_memory_equal(made + strlen(made) - 2, "\xd0\xb6", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_names_stay),
		cmocka_unit_test(test_nothing_leads_elsewhere),
		cmocka_unit_test(test_nothing_shows_as_something_else),
		cmocka_unit_test(test_nothing_left_is_no_name),
		cmocka_unit_test(test_long_names_are_cut_at_a_character),
	};
	return cmocka_run_group_tests(tests, NULL, teardown);
}
