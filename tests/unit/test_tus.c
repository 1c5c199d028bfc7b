/* The syntax of tus headers: metadata, names made of it, dates. */
#include "unit.h"

#include "web/tus.h"

static const char *name_of(struct arena *arena, const char *raw)
{
	const char *name = NULL;
	assert_status(tus_metadata_parse(arena, raw, &name), STATUS_OK);
	return name;
}

static void assert_refused(const char *raw)
{
	CLEANUP(arena) struct arena arena = { 0 };
	const char *name = "untouched";
	if (tus_metadata_parse(&arena, raw, &name) != STATUS_INVALID)
		fail_msg("\"%s\" was taken", raw);
	assert_string_equal(name, "untouched");
}

static void pairs_may_be_few_empty_or_bare(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const char *const nameless[] = { "",	  " ",	  "draft",	 "draft ",
						"a YQ==", "a ,b", "a,b , c YWI=" };
	for (size_t i = 0; i < ARRAY_SIZE(nameless); i++)
		assert_string_equal(name_of(&arena, nameless[i]), "");
}

static void the_name_is_decoded(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_string_equal(name_of(&arena, "filename YQ=="), "a");
	assert_string_equal(name_of(&arena, "filename YWI="), "ab");
	assert_string_equal(name_of(&arena, "filename YWJj"), "abc");
	assert_string_equal(name_of(&arena, "x YQ==, filename YWJj ,y"), "abc");
}

static void filename_goes_before_name(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_string_equal(name_of(&arena, "name YQ=="), "a");
	assert_string_equal(name_of(&arena, "name YQ==,filename YWI="), "ab");
	assert_string_equal(name_of(&arena, "filename YWI=,name YQ=="), "ab");
	assert_string_equal(name_of(&arena, "filename,name YQ=="), "a");
	assert_string_equal(name_of(&arena, "Filename YQ=="), "");
}

static void a_name_is_no_path_and_one_line(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_string_equal(name_of(&arena, "filename Li4vLi4vYS5tcDQ="),
			    "a.mp4"); /* ../../a.mp4 */
	assert_string_equal(name_of(&arena, "filename QzpcYVxiLm1wNA=="), "b.mp4"); /* C:\a\b.mp4 */
	assert_string_equal(name_of(&arena, "filename YQ0KYg=="), "a  b");	    /* a CR LF b */
	assert_string_equal(name_of(&arena, "filename YS8="), "");		    /* a/ */
}

static void a_name_that_is_no_text_is_dropped(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_string_equal(name_of(&arena, "filename //79"), ""); /* ff fe fd */
	assert_string_equal(name_of(&arena, "filename YQBi"), ""); /* a NUL b */
	assert_string_equal(name_of(&arena, "filename 7aCA"), ""); /* a surrogate */
	assert_string_equal(name_of(&arena, "filename wK8="), ""); /* an overlong slash */
}

static void a_long_name_ends_between_characters(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	char raw[1024] = "filename ";
	/* 300 times U+0436: d0 b6 */
	for (size_t i = 0; i < 200; i++)
		memcpy(raw + 9 + 4 * i, i % 2 ? "ttC2" : "0LbQ", 4);
	const char *name = name_of(&arena, raw);
	assert_int_equal(strlen(name), 254);
	assert_string_equal(name + 252, "\xd0\xb6");
}

static void malformed_metadata_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		",",
		"a YQ==,",
		",a YQ==",
		"a YQ==,,b YQ==",
		"a YQ==,a YQ==",
		"a,a",
		"a YQ",
		"a YQ=",
		"a Y===",
		"a ====",
		"a YQ=a",
		"a =YQ=",
		"a YQ== x",
		"a Y Q=",
		"a YQ==YQ==",
		"a _-__",
		"a !!!!",
		"a YQ\t=",
		"\ta YQ==",
		"a\tb YQ==",
		"\xd0\xb6 YQ==",
		"a\x7f YQ==",
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_refused(bad[i]);
}

static void metadata_has_a_limit(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	char raw[TUS_METADATA_MAX + 2];
	memset(raw, 'a', sizeof(raw));
	raw[TUS_METADATA_MAX] = '\0';
	assert_string_equal(name_of(&arena, raw), "");
	raw[TUS_METADATA_MAX] = 'a';
	raw[TUS_METADATA_MAX + 1] = '\0';
	assert_refused(raw);
	const char *pairs = "a0";
	for (int i = 1; i < 32; i++)
		pairs = arena_printf(&arena, "%s,a%d", pairs, i);
	assert_string_equal(name_of(&arena, pairs), "");
	assert_refused(arena_printf(&arena, "%s,b", pairs));
}

static void dates_are_those_of_http(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_string_equal(tus_date(&arena, 0), "Thu, 01 Jan 1970 00:00:00 GMT");
	assert_string_equal(tus_date(&arena, 784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_string_equal(tus_date(&arena, INT64_C(4107542399)), "Sun, 28 Feb 2100 23:59:59 GMT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_may_be_few_empty_or_bare),
		cmocka_unit_test(the_name_is_decoded),
		cmocka_unit_test(filename_goes_before_name),
		cmocka_unit_test(a_name_is_no_path_and_one_line),
		cmocka_unit_test(a_name_that_is_no_text_is_dropped),
		cmocka_unit_test(a_long_name_ends_between_characters),
		cmocka_unit_test(malformed_metadata_is_refused),
		cmocka_unit_test(metadata_has_a_limit),
		cmocka_unit_test(dates_are_those_of_http),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
