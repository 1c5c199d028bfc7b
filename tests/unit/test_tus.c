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

static void checksums_are_read(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct tus_checksum checksum = { 0 };
	assert_status(tus_checksum_parse(&arena, "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=", &checksum),
		      STATUS_OK);
	assert_true(checksum.is_given && checksum.kind == DIGEST_SHA1);
	assert_memory_equal(checksum.bytes, "\xda\x39\xa3\xee", 4);
	static const char *const unknown[] = { "md5 1B2M2Y8AsgTpgAmY7PhCfg==", "SHA1 x",
					       "crc32 AAAA" };
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		assert_status(tus_checksum_parse(&arena, unknown[i], &checksum), STATUS_REFUSED);
	static const char *const malformed[] = {
		"",
		" ",
		"sha1",
		" sha1",
		"sha1 ",
		"sha1  2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
		"sha1 AAAA",
		"sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk",
		"sha1 2jmj7l5rSw0yVb_vlWAYkK_YBwk=",
		"sha256 2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
		"sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk= ",
	};
	for (size_t i = 0; i < ARRAY_SIZE(malformed); i++)
		assert_status(tus_checksum_parse(&arena, malformed[i], &checksum), STATUS_INVALID);
}

#define ID_A "AAAAAAAAAAAAAAAAAAAAAA"
#define ID_B "bbbbbbbbbbbbbbbbbbbbb_"

static void concat_names_uploads(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const char url[] = "https://post.example.org";
	struct tus_concat concat = { 0 };
	assert_status(tus_concat_parse(&arena, "partial", url, &concat), STATUS_OK);
	assert_true(concat.is_partial && !concat.is_final);
	static const char *const good[] = {
		"final;/uploads/" ID_A " /uploads/" ID_B,
		"final; /uploads/" ID_A "  /uploads/" ID_B " ",
		"final;https://post.example.org/uploads/" ID_A " /uploads/" ID_B,
	};
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_status(tus_concat_parse(&arena, good[i], url, &concat), STATUS_OK);
		assert_true(concat.is_final && !concat.is_partial);
		assert_int_equal(concat.id_count, 2);
		assert_string_equal(concat.ids[0], ID_A);
		assert_string_equal(concat.ids[1], ID_B);
		assert_string_equal(concat.raw, good[i]);
	}
	static const char *const bad[] = {
		"",
		"Partial",
		"partial;",
		"final",
		"final;",
		"final; ",
		"final;/uploads/",
		"final;/uploads/short",
		"final;/uploads/" ID_A "/",
		"final;/uploads/" ID_A "?x",
		"final;" ID_A,
		"final;/uploads/../uploads/" ID_A,
		"final;https://evil.example/uploads/" ID_A,
		"final;https://post.example.org.evil.example/uploads/" ID_A,
		"final;http://post.example.org/uploads/" ID_A,
		"final;//post.example.org/uploads/" ID_A,
		"final;/uploads/" ID_A ",/uploads/" ID_B,
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_status(tus_concat_parse(&arena, bad[i], url, &concat), STATUS_INVALID);
}

static void concat_names_so_many_and_no_more(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct tus_concat concat = { 0 };
	const char *raw = "final;";
	for (int i = 0; i < TUS_PARTS_MAX; i++)
		raw = arena_printf(&arena, "%s https://post.example.org/uploads/" ID_A, raw);
	assert_status(tus_concat_parse(&arena, raw, "https://post.example.org", &concat),
		      STATUS_OK);
	assert_int_equal(concat.id_count, TUS_PARTS_MAX);
	raw = arena_printf(&arena, "%s /uploads/" ID_A, raw);
	assert_status(tus_concat_parse(&arena, raw, "https://post.example.org", &concat),
		      STATUS_INVALID);
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
		cmocka_unit_test(checksums_are_read),
		cmocka_unit_test(concat_names_uploads),
		cmocka_unit_test(concat_names_so_many_and_no_more),
		cmocka_unit_test(dates_are_those_of_http),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
