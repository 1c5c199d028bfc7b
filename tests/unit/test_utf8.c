/* UTF-8: what is well formed, what TikTok counts, what is printable. */
#include "unit.h"

#include "base/utf8.h"

static void well_formed_text_is_valid(void **state)
{
	(void)state;
	/* The first and the last of each length, and the neighbours of the surrogates. */
	static const char *const good[] = { "",
					    "a",
					    "\x01\x7f",
					    "\xc2\x80",
					    "\xdf\xbf",
					    "\xe0\xa0\x80",
					    "\xed\x9f\xbf",
					    "\xee\x80\x80",
					    "\xef\xbf\xbf",
					    "\xf0\x90\x80\x80",
					    "\xf4\x8f\xbf\xbf",
					    "Привет, 世界 😀" };
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(utf8_is_valid(good[i], strlen(good[i])));
}

static void ill_formed_text_is_not(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"\x80",
		"\xbf",
		"a\x80",
		"\xc0\x80",
		"\xc0\xaf",
		"\xc1\xbf",
		"\xe0\x80\x80",
		"\xe0\x9f\xbf",
		"\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80",
		"\xfe",
		"\xff",
		"\xc3",
		"\xe2\x82",
		"\xf0\x9f\x98",
		"\xc3(",
		"\xe2\x28\xa1",
		"\xe2\x82(",
		"\xf0\x9f\x98(",
		"\xc3\xc3",
		"\xe2\x82\xc3",
		"\xff\xfe",
		"ok\xed\xb0\x80ok",
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (utf8_is_valid(bad[i], strlen(bad[i])))
			fail_msg("case %zu passed", i);
	}
}

static void a_sequence_ends_with_the_text(void **state)
{
	(void)state;
	/* The bytes after the length would complete it. */
	assert_false(utf8_is_valid("\xf0\x9f\x98\x80", 3));
	assert_false(utf8_is_valid("a\xc3\xa9", 2));
	assert_true(utf8_is_valid("a\xc3\xa9", 3));
	assert_true(utf8_is_valid("a\xff", 1));
	assert_true(utf8_is_valid("\xff", 0));
}

static void nul_is_not_text(void **state)
{
	(void)state;
	assert_false(utf8_is_valid("a\0b", 3));
	assert_false(utf8_is_valid("\0", 1));
}

/* Every code point by an encoder that knows nothing of the one under test. */
static void every_code_point_is_valid_but_surrogates(void **state)
{
	(void)state;
	for (uint32_t point = 1; point <= 0x110000; point++) {
		char text[4];
		size_t length;
		if (point < 0x80) {
			text[0] = (char)point;
			length = 1;
		} else if (point < 0x800) {
			text[0] = (char)(0xc0 | point >> 6);
			text[1] = (char)(0x80 | (point & 0x3f));
			length = 2;
		} else if (point < 0x10000) {
			text[0] = (char)(0xe0 | point >> 12);
			text[1] = (char)(0x80 | (point >> 6 & 0x3f));
			text[2] = (char)(0x80 | (point & 0x3f));
			length = 3;
		} else {
			text[0] = (char)(0xf0 | point >> 18);
			text[1] = (char)(0x80 | (point >> 12 & 0x3f));
			text[2] = (char)(0x80 | (point >> 6 & 0x3f));
			text[3] = (char)(0x80 | (point & 0x3f));
			length = 4;
		}
		bool is_good = (point < 0xd800 || point > 0xdfff) && point <= 0x10ffff;
		if (utf8_is_valid(text, length) != is_good)
			fail_msg("U+%04X", (unsigned)point);
	}
}

static void a_character_beyond_the_first_plane_counts_two(void **state)
{
	(void)state;
	assert_int_equal(utf8_utf16_length(""), 0);
	assert_int_equal(utf8_utf16_length("abc"), 3);
	assert_int_equal(utf8_utf16_length("\xc3\xa9"), 1);
	assert_int_equal(utf8_utf16_length("\xef\xbf\xbf"), 1);
	assert_int_equal(utf8_utf16_length("\xf0\x90\x80\x80"), 2);
	assert_int_equal(utf8_utf16_length("😀"), 2);
	/* Four people, three joiners: one picture, eleven units. */
	assert_int_equal(utf8_utf16_length("👨‍👩‍👧‍👦"), 11);
}

static void a_caption_of_emoji_meets_the_limit_of_2200_exactly(void **state)
{
	(void)state;
	char text[1101 * 4 + 2] = "";
	for (size_t i = 0; i < 1100; i++)
		memcpy(text + 4 * i, "\xf0\x9f\x98\x80", 4);
	assert_int_equal(utf8_utf16_length(text), 2200);
	memcpy(text + 4400, "x", 2);
	assert_int_equal(utf8_utf16_length(text), 2201);
	memcpy(text + 4400, "\xf0\x9f\x98\x80", 5);
	assert_int_equal(utf8_utf16_length(text), 2202);
}

static void controls_are_not_printable(void **state)
{
	(void)state;
	for (int byte = 1; byte < 0x100; byte++) {
		char ascii[] = { 'a', (char)byte, 0 };
		char latin[] = { 'a', '\xc2', (char)byte, 0 };
		if (byte < 0x80) {
			assert_int_equal(utf8_is_printable(ascii, false),
					 byte >= 0x20 && byte != 0x7f);
			assert_int_equal(utf8_is_printable(ascii, true),
					 (byte >= 0x20 && byte != 0x7f) || byte == '\n' ||
						 byte == '\t');
		} else if (byte < 0xc0) {
			assert_int_equal(utf8_is_printable(latin, false), byte >= 0xa0);
			assert_int_equal(utf8_is_printable(latin, true), byte >= 0xa0);
		}
	}
	assert_true(utf8_is_printable("", false));
	assert_true(utf8_is_printable("Привет, 世界 😀", false));
	assert_false(utf8_is_printable("a\r\nb", true));
}

static void every_code_point_is_decoded_as_it_was_encoded(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint32_t point;
		size_t length;
	} cases[] = {
		{ "a", 'a', 1 },
		{ "\x7f", 0x7f, 1 },
		{ "\xc2\x80", 0x80, 2 },
		{ "ß", 0xdf, 2 },
		{ "\xdf\xbf", 0x7ff, 2 },
		{ "\xe0\xa0\x80", 0x800, 3 },
		{ "世", 0x4e16, 3 },
		{ "\xef\xbf\xbf", 0xffff, 3 },
		{ "\xf0\x90\x80\x80", 0x10000, 4 },
		{ "😀b", 0x1f600, 4 },
		{ "\xf4\x8f\xbf\xbf", 0x10ffff, 4 },
		/* What is not well formed is one byte, and the end of text is never passed. */
		{ "\x80", 0xfffd, 1 },
		{ "\xc3", 0xfffd, 1 },
		{ "\xe4\xb8", 0xfffd, 1 },
		{ "\xf0\x9f\x98", 0xfffd, 1 },
		{ "\xed\xa0\x80", 0xfffd, 1 },
		{ "\xff", 0xfffd, 1 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(arena) struct arena arena = { 0 };
		size_t length = 0;
		/* A copy of exactly its size, so that the sanitizer sees a byte too many. */
		const char *text = arena_strdup(&arena, cases[i].text);
		assert_int_equal(utf8_decode(text, &length), cases[i].point);
		assert_int_equal(length, cases[i].length);
	}
}

static void white_space_is_unicodes(void **state)
{
	(void)state;
	static const uint32_t spaces[] = { 0x09,   0x0a,   0x0b,   0x0c,   0x0d,   0x20,   0x85,
					   0xa0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004,
					   0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028,
					   0x2029, 0x202f, 0x205f, 0x3000 };
	size_t next = 0;
	for (uint32_t point = 0; point <= 0x10ffff; point++) {
		bool space = next < ARRAY_SIZE(spaces) && spaces[next] == point;
		assert_int_equal(utf8_is_space(point), space);
		next += space;
	}
	assert_int_equal(next, ARRAY_SIZE(spaces));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(well_formed_text_is_valid),
		cmocka_unit_test(ill_formed_text_is_not),
		cmocka_unit_test(a_sequence_ends_with_the_text),
		cmocka_unit_test(nul_is_not_text),
		cmocka_unit_test(every_code_point_is_valid_but_surrogates),
		cmocka_unit_test(a_character_beyond_the_first_plane_counts_two),
		cmocka_unit_test(a_caption_of_emoji_meets_the_limit_of_2200_exactly),
		cmocka_unit_test(controls_are_not_printable),
		cmocka_unit_test(every_code_point_is_decoded_as_it_was_encoded),
		cmocka_unit_test(white_space_is_unicodes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
