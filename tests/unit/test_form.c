/* name=value pairs: query strings, form bodies, cookies; decoded once, each name once. */
#include "unit.h"

#include "web/form.h"

static enum status parse(struct arena *arena, const char *text, size_t length, struct form *form)
{
	/* From a block of exactly its length: a read beyond it is seen by the sanitizers. */
	char *exact = malloc(length ? length : 1);
	memcpy(exact, text, length);
	enum status st = form_parse(arena, exact, length, form);
	free(exact);
	return st;
}

#define assert_field(text, name, wanted) assert_value(text, sizeof(text) - 1, name, wanted)
#define assert_refused(text)		 assert_invalid(text, sizeof(text) - 1)

static void assert_value(const char *text, size_t length, const char *name, const char *wanted)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct form form;
	assert_status(parse(&arena, text, length, &form), STATUS_OK);
	const char *value = form_get(&form, name);
	if (!value || !wanted)
		assert_true(value == wanted);
	else
		assert_string_equal(value, wanted);
}

static void assert_invalid(const char *text, size_t length)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct form form = { .count = 99 };
	if (parse(&arena, text, length, &form) != STATUS_INVALID)
		fail_msg("%s is taken", text);
	assert_int_equal(form.count, 99);
}

static void fields_are_found_by_name(void **state)
{
	(void)state;
	assert_field("a=1&b=2&c=3", "a", "1");
	assert_field("a=1&b=2&c=3", "b", "2");
	assert_field("a=1&b=2&c=3", "c", "3");
	assert_field("a=1&b=2", "d", NULL);
	assert_field("a=1", "A", NULL);
	assert_field("aa=1", "a", NULL);
	assert_field("a=1", "aa", NULL);
	assert_field("", "a", NULL);
	assert_field("", "", NULL);
}

static void a_field_may_lack_its_value_or_its_equals(void **state)
{
	(void)state;
	assert_field("a=", "a", "");
	assert_field("a", "a", "");
	assert_field("a&b=1", "a", "");
	assert_field("=x", "", "x");
	assert_field("a=b=c", "a", "b=c");
	assert_field("a==", "a", "=");
}

static void empty_parts_do_not_count(void **state)
{
	(void)state;
	assert_field("&", "", NULL);
	assert_field("&&a=1&&", "a", "1");
	assert_field("a=1&", "a", "1");
}

static void escapes_are_decoded_exactly_once(void **state)
{
	(void)state;
	assert_field("code=abc%2A%214608.va", "code", "abc*!4608.va");
	assert_field("a=%25", "a", "%");
	assert_field("a=%252A", "a", "%2A");
	assert_field("a=%2a%2A", "a", "**");
	assert_field("a=1+2", "a", "1 2");
	assert_field("a=1%2B2", "a", "1+2");
	assert_field("a%3Db=c", "a=b", "c");
	assert_field("a=%26b%3D1", "a", "&b=1");
	assert_field("%61=x", "a", "x");
	assert_field("a=%D0%9F%F0%9F%98%80", "a", "П😀");
	assert_field("a=\xd0\x9f", "a", "П");
}

static void a_bad_escape_is_refused(void **state)
{
	(void)state;
	assert_refused("a=%");
	assert_refused("a=%4");
	assert_refused("a=%&b=41");
	assert_refused("a=%4&b=1");
	assert_refused("a=%g1");
	assert_refused("a=%1g");
	assert_refused("a=%%41");
	assert_refused("a=% 41");
	assert_refused("a=%+1");
	assert_refused("a=%u0041");
	assert_refused("%=a");
	assert_refused("%4=a");
	assert_refused("a=1&b=%zz");
}

static void a_nul_is_refused_however_it_comes(void **state)
{
	(void)state;
	assert_refused("a=%00");
	assert_refused("a=b%00c");
	assert_refused("%00=b");
	assert_refused("a%00b=c");
	assert_refused("a=b\0c");
	assert_refused("a\0=c");
	assert_refused("a=1&\0");
}

static void ill_formed_utf8_is_refused(void **state)
{
	(void)state;
	assert_refused("a=%FF");
	assert_refused("a=%C0%AF");
	assert_refused("a=%C3");
	assert_refused("a=%ED%A0%80");
	assert_refused("a=%F4%90%80%80");
	assert_refused("%FF=a");
	assert_refused("a=\xff");
	/* A character does not go on in the next field. */
	assert_refused("a=%C3&b=%A9");
}

static void a_name_given_twice_is_refused(void **state)
{
	(void)state;
	assert_refused("a=1&a=2");
	assert_refused("a=1&a=1");
	assert_refused("a=1&b=2&a=3");
	assert_refused("a&a");
	assert_refused("a=1&%61=2");
	assert_refused("=1&=2");
	assert_refused("a+b=1&a%20b=2");
	/* Another case is another name. */
	assert_field("a=1&A=2", "A", "2");
}

static void sixty_four_fields_fit_and_no_more(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *text = "f0=0";
	for (int i = 1; i < 64; i++)
		text = arena_printf(&arena, "%s&f%d=%d", text, i, i);
	struct form form;
	assert_status(parse(&arena, text, strlen(text), &form), STATUS_OK);
	assert_int_equal(form.count, 64);
	assert_string_equal(form_get(&form, "f0"), "0");
	assert_string_equal(form_get(&form, "f63"), "63");
	/* Empty parts are no fields. */
	text = arena_printf(&arena, "%s&&&", text);
	assert_status(parse(&arena, text, strlen(text), &form), STATUS_OK);
	text = arena_printf(&arena, "%s&x", text);
	assert_status(parse(&arena, text, strlen(text), &form), STATUS_INVALID);
}

static void the_length_is_the_end(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct form form;
	assert_status(form_parse(&arena, "a=12&b=3", 3, &form), STATUS_OK);
	assert_string_equal(form_get(&form, "a"), "1");
	assert_null(form_get(&form, "b"));
	/* The digits after it would complete the escape. */
	assert_status(form_parse(&arena, "a=%41", 4, &form), STATUS_INVALID);
}

static void no_field_was_sent_to_an_empty_form(void **state)
{
	(void)state;
	struct form form = { 0 };
	assert_null(form_get(&form, "a"));
}

static void encoding_is_for_a_query_value(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_string_equal(form_encode(&arena, ""), "");
	assert_string_equal(form_encode(&arena, "aZ09-._~"), "aZ09-._~");
	assert_string_equal(form_encode(&arena, "a b+c*!/?&=%"), "a%20b%2Bc%2A%21%2F%3F%26%3D%25");
	assert_string_equal(form_encode(&arena, "é\r\n\"<>"), "%C3%A9%0D%0A%22%3C%3E");
}

/* Every character, as a name and as a value, comes back as it was. */
static void what_was_encoded_decodes_to_itself(void **state)
{
	(void)state;
	for (unsigned point = 1; point < 0x800; point++) {
		CLEANUP(arena) struct arena arena = { 0 };
		char text[4] = { (char)point };
		if (point >= 0x80) {
			text[0] = (char)(0xc0 | point >> 6);
			text[1] = (char)(0x80 | (point & 0x3f));
		}
		const char *encoded = form_encode(&arena, text);
		assert_int_equal(strcspn(encoded, "&=+ \r\n\"'<>#?"), strlen(encoded));
		struct form form;
		const char *pair = arena_printf(&arena, "%s=%s", encoded, encoded);
		assert_status(parse(&arena, pair, strlen(pair), &form), STATUS_OK);
		assert_string_equal(form_get(&form, text), text);
	}
}

static void assert_cookie(const char *header, const char *wanted)
{
	CLEANUP(arena) struct arena arena = { 0 };
	const char *value = form_cookie(&arena, header, "__Host-spg");
	if (!value || !wanted) {
		if (value != wanted)
			fail_msg("\"%s\" gives %s", header ? header : "no header",
				 value ? value : "nothing");
	} else {
		assert_string_equal(value, wanted);
	}
}

static void a_cookie_is_found_among_others(void **state)
{
	(void)state;
	assert_cookie("__Host-spg=v", "v");
	assert_cookie("a=1; __Host-spg=v; b=2", "v");
	assert_cookie("a=1;__Host-spg=v", "v");
	assert_cookie("  ;; __Host-spg=v;", "v");
	assert_cookie("__Host-spg=", "");
	assert_cookie("__Host-spg=a=b", "a=b");
	assert_cookie("__Host-spg-form=f; __Host-spg=v", "v");
}

static void another_cookie_is_not_it(void **state)
{
	(void)state;
	assert_cookie(NULL, NULL);
	assert_cookie("", NULL);
	assert_cookie("; ;", NULL);
	assert_cookie("a=1", NULL);
	assert_cookie("__Host-spg", NULL);
	assert_cookie("__Host-spg; a=1", NULL);
	assert_cookie("__Host-spg-form=v", NULL);
	assert_cookie("x__Host-spg=v", NULL);
	assert_cookie("__host-spg=v", NULL);
	assert_cookie("__Host-sp=v", NULL);
	assert_cookie("a=__Host-spg=v", NULL);
	assert_cookie("__Host-spg =v", NULL);
	assert_cookie("a=\"; __Host-spg", NULL);
	assert_cookie("=v", NULL);
}

/* Somebody may have planted one: which of the two is ours cannot be told. */
static void a_doubled_cookie_is_none(void **state)
{
	(void)state;
	assert_cookie("__Host-spg=a; __Host-spg=b", NULL);
	assert_cookie("__Host-spg=a; x=y; __Host-spg=a", NULL);
	assert_cookie("__Host-spg=; __Host-spg=a", NULL);
	assert_cookie("__Host-spg=a; __Host-spg=b; __Host-spg=c", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found_by_name),
		cmocka_unit_test(a_field_may_lack_its_value_or_its_equals),
		cmocka_unit_test(empty_parts_do_not_count),
		cmocka_unit_test(escapes_are_decoded_exactly_once),
		cmocka_unit_test(a_bad_escape_is_refused),
		cmocka_unit_test(a_nul_is_refused_however_it_comes),
		cmocka_unit_test(ill_formed_utf8_is_refused),
		cmocka_unit_test(a_name_given_twice_is_refused),
		cmocka_unit_test(sixty_four_fields_fit_and_no_more),
		cmocka_unit_test(the_length_is_the_end),
		cmocka_unit_test(no_field_was_sent_to_an_empty_form),
		cmocka_unit_test(encoding_is_for_a_query_value),
		cmocka_unit_test(what_was_encoded_decodes_to_itself),
		cmocka_unit_test(a_cookie_is_found_among_others),
		cmocka_unit_test(another_cookie_is_not_it),
		cmocka_unit_test(a_doubled_cookie_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
