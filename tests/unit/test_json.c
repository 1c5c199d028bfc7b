/* Strict JSON: what a stranger may send, and what must not pass as something else. */
#include "unit.h"

#include "base/json.h"

enum { DEPTH = 32 };

static enum status parse(const char *text, size_t length)
{
	CLEANUP(json_object_put) struct json_object *object = NULL;
	return json_parse(text, length, DEPTH, &object);
}

#define assert_taken(text)   assert_verdict(text, sizeof(text) - 1, STATUS_OK, __LINE__)
#define assert_refused(text) assert_verdict(text, sizeof(text) - 1, STATUS_INVALID, __LINE__)

/* From a block of exactly its length: a read beyond it is seen by the sanitizers. */
static void assert_verdict(const char *text, size_t length, enum status wanted, int line)
{
	char *exact = malloc(length ? length : 1);
	memcpy(exact, text, length);
	enum status got = parse(exact, length);
	free(exact);
	if (got != wanted)
		fail_msg("line %d: %s: %s", line, text, status_name(got));
}

static void json_values_are_taken(void **state)
{
	(void)state;
	assert_taken("{}");
	assert_taken("[]");
	assert_taken(" \t\r\n{ \"a\" : [ 1 , -2.5e+3 , true , false , null , \"x\" ] } \n");
	assert_taken("\"text\"");
	assert_taken("0");
	assert_taken("-0");
	assert_taken("123");
	assert_taken("1.5E-7");
	assert_taken("true");
	assert_taken("false");
	assert_taken("null");
	assert_taken("{\"\":\"\"}");
	assert_taken("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"");
	assert_taken("\"\x7f Привет 😀\"");
	assert_taken("[{\"a\":1},{\"a\":2}]");
	assert_taken("{\"a\":{\"a\":{\"a\":1}}}");
}

static void what_is_no_value_is_refused(void **state)
{
	(void)state;
	assert_refused("");
	assert_refused(" ");
	assert_refused("\n\n");
	assert_refused("{");
	assert_refused("}");
	assert_refused("[");
	assert_refused("]");
	assert_refused("[1");
	assert_refused("{\"a\"");
	assert_refused("{\"a\":");
	assert_refused("{\"a\":1");
	assert_refused("{\"a\":1,");
	assert_refused("{\"a\" 1}");
	assert_refused("{\"a\":}");
	assert_refused("{\"a\"::1}");
	assert_refused("{:1}");
	assert_refused("{,}");
	assert_refused("{1:2}");
	assert_refused("{a:1}");
	assert_refused("{null:1}");
	assert_refused("[1 2]");
	assert_refused("[,]");
	assert_refused("[1,,2]");
	assert_refused("[1}");
	assert_refused("{\"a\":1]");
	assert_refused("[\"a\":1]");
	assert_refused("{\"a\"}");
	assert_refused("{\"a\",\"b\"}");
	assert_refused("\\");
	assert_refused("\"");
	assert_refused("\"abc");
	assert_refused("\"abc\\\"");
	assert_refused("\"\\");
	assert_refused("<html>");
	assert_refused("undefined");
}

static void json_c_s_own_liberties_are_refused(void **state)
{
	(void)state;
	assert_refused("{'a':1}");
	assert_refused("{\"a\":'b'}");
	assert_refused("'a'");
	assert_refused("[1,]");
	assert_refused("{\"a\":1,}");
	assert_refused("/* c */ {}");
	assert_refused("{} // c");
	assert_refused("{\"a\": /* c */ 1}");
	assert_refused("NaN");
	assert_refused("{\"a\":NaN}");
	assert_refused("[Infinity]");
	assert_refused("[-Infinity]");
	assert_refused("True");
	assert_refused("NULL");
	assert_refused("[FALSE]");
	assert_refused("tru");
	assert_refused("[nul]");
	assert_refused("truex");
	assert_refused("nullnull");
	assert_refused("#\n{}");
	assert_refused("\v{}");
	assert_refused("\f{}");
	assert_refused("{}\v");
}

static void numbers_have_one_form(void **state)
{
	(void)state;
	assert_refused("01");
	assert_refused("-01");
	assert_refused("00");
	assert_refused("1.");
	assert_refused("[1.]");
	assert_refused(".5");
	assert_refused("-");
	assert_refused("-.5");
	assert_refused("+1");
	assert_refused("--1");
	assert_refused("1e");
	assert_refused("1e+");
	assert_refused("1.e1");
	assert_refused("1-2");
	assert_refused("1.5.5");
	assert_refused("1e5e5");
	assert_refused("0x10");
	assert_refused("1_000");
	assert_refused("1f");
}

static void nothing_may_follow_the_value(void **state)
{
	(void)state;
	assert_refused("{} {}");
	assert_refused("{}x");
	assert_refused("[]]");
	assert_refused("1 2");
	assert_refused("\"a\" \"b\"");
	assert_refused("{},");
	assert_refused("{}\0");
	assert_refused("1\0");
	assert_refused("{}\xc2\xa0");
	assert_refused("\xef\xbb\xbf{}");
}

static void a_name_given_twice_is_refused_at_any_depth(void **state)
{
	(void)state;
	assert_refused("{\"a\":1,\"a\":2}");
	assert_refused("{\"a\":1,\"a\":1}");
	assert_refused("{\"a\":1,\"b\":2,\"a\":3}");
	assert_refused("{\"a\":null,\"a\":null}");
	assert_refused("{\"x\":{\"a\":1,\"a\":2}}");
	assert_refused("[[[{\"a\":[{\"b\":1,\"b\":2}]}]]]");
	assert_refused("{\"\":1,\"\":2}");
	/* The first one's members vanish with it. */
	assert_refused("{\"a\":{\"b\":1,\"c\":2},\"a\":{\"d\":3}}");
}

static void a_name_given_twice_is_seen_through_escapes(void **state)
{
	(void)state;
	assert_refused("{\"a\":1,\"\\u0061\":2}");
	assert_refused("{\"\\u00e9\":1,\"é\":2}");
	assert_refused("{\"/\":1,\"\\/\":2}");
	assert_refused("{\"\\ud83d\\ude00\":1,\"😀\":2}");
}

static void colons_and_quotes_in_strings_do_not_count(void **state)
{
	(void)state;
	assert_taken("{\"a:b\":\"c:d\"}");
	assert_taken("{\"a\":\"\\\":\\\"\"}");
	assert_taken("{\"a\\\\\":\":\"}");
	assert_taken("{\"a\":\"{\\\"b\\\":1,\\\"b\\\":2}\"}");
	assert_taken("{\"a\":\"it's // not a comment\"}");
	assert_taken("[\":\",\"::\",\"\\\\\"]");
	assert_refused("{\"a\":\":\",\"a\":\"x\"}");
	assert_refused("{\"a\\\\\":1,\"a\\\\\":2}");
}

static void strings_hold_no_raw_controls(void **state)
{
	(void)state;
	assert_refused("\"a\tb\"");
	assert_refused("\"a\nb\"");
	assert_refused("{\"a\rb\":1}");
	assert_refused("\"\x01\"");
	assert_refused("\"\x1f\"");
	assert_refused("\"a\0b\"");
	assert_taken("\"a\\tb\\u0001\"");
}

static void escapes_have_their_forms(void **state)
{
	(void)state;
	assert_refused("\"\\x41\"");
	assert_refused("\"\\a\"");
	assert_refused("\"\\'\"");
	assert_refused("\"\\u12\"");
	assert_refused("\"\\u12g4\"");
	assert_refused("\"\\U0041\"");
}

static void ill_formed_utf8_is_refused(void **state)
{
	(void)state;
	assert_refused("\"\xff\"");
	assert_refused("\"\xc3\"");
	assert_refused("\"\xc0\xaf\"");
	assert_refused("\"\xe0\x80\xaf\"");
	assert_refused("\"\xed\xa0\x80\"");
	assert_refused("\"\xed\xa0\xbd\xed\xb8\x80\"");
	assert_refused("\"\xf4\x90\x80\x80\"");
	assert_refused("{\"\xff\":1}");
	assert_refused("{\"a\":\"\xe2\x82\"}");
}

/* Half a surrogate pair has no UTF-8 form: what comes out must be valid all the same. */
static void half_a_surrogate_pair_does_not_come_out(void **state)
{
	(void)state;
	CLEANUP(json_object_put) struct json_object *object = NULL;
	static const char text[] = "{\"a\":\"\\ud800\",\"b\":\"\\udc00x\"}";
	const char *value;
	assert_status(json_parse(text, strlen(text), DEPTH, &object), STATUS_OK);
	assert_status(json_get_string(object, "a", &value), STATUS_OK);
	assert_string_equal(value, "\xef\xbf\xbd");
	assert_status(json_get_string(object, "b", &value), STATUS_OK);
	assert_string_equal(value, "\xef\xbf\xbdx");
}

static void a_nul_in_a_name_is_refused(void **state)
{
	(void)state;
	assert_refused("{\"a\\u0000\":1}");
	assert_refused("{\"a\\u0000b\":1,\"c\":2}");
	assert_refused("{\"\\u0000\" :1}");
	assert_taken("{\"a\\\\u0000\":1}");
	assert_taken("{\"a\":\"\\u0000\",\"b\":1}");
	assert_taken("[\"\\u0000\",{\"a\":1}]");
}

static void a_nul_in_a_string_is_no_string_for_the_getter(void **state)
{
	(void)state;
	CLEANUP(json_object_put) struct json_object *object = NULL;
	static const char text[] = "{\"a\":\"x\\u0000y\",\"b\":\"\\u0000\"}";
	const char *value = "untouched";
	assert_status(json_parse(text, strlen(text), DEPTH, &object), STATUS_OK);
	assert_status(json_get_string(object, "a", &value), STATUS_INVALID);
	assert_status(json_get_string(object, "b", &value), STATUS_INVALID);
	assert_string_equal(value, "untouched");
	assert_string_equal(json_string_or(object, "a", "fallback"), "fallback");
}

static void the_length_is_the_end(void **state)
{
	(void)state;
	assert_status(parse("{}}", 2), STATUS_OK);
	assert_status(parse("1234", 2), STATUS_OK);
	assert_status(parse("{}", 1), STATUS_INVALID);
	assert_status(parse("\"a\"", 2), STATUS_INVALID);
	assert_status(parse("true", 3), STATUS_INVALID);
	assert_status(parse("-1", 1), STATUS_INVALID);
	assert_status(parse("1.5", 2), STATUS_INVALID);
	assert_status(parse("1e5", 2), STATUS_INVALID);
	assert_status(parse("\"\\u0041\"", 6), STATUS_INVALID);
}

static size_t nest(char *text, size_t levels, const char *open, const char *inner,
		   const char *close)
{
	char *end = text;
	for (size_t i = 0; i < levels; i++)
		end = stpcpy(end, open);
	end = stpcpy(end, inner);
	for (size_t i = 0; i < levels; i++)
		end = stpcpy(end, close);
	return (size_t)(end - text);
}

static void values_nest_to_the_depth_and_no_deeper(void **state)
{
	(void)state;
	static char text[8 * 100000];
	assert_status(parse(text, nest(text, DEPTH, "[", "", "]")), STATUS_OK);
	assert_status(parse(text, nest(text, DEPTH - 1, "[", "1", "]")), STATUS_OK);
	assert_status(parse(text, nest(text, DEPTH, "[", "1", "]")), STATUS_INVALID);
	assert_status(parse(text, nest(text, DEPTH + 1, "[", "", "]")), STATUS_INVALID);
	assert_status(parse(text, nest(text, DEPTH - 1, "{\"a\":", "1", "}")), STATUS_OK);
	assert_status(parse(text, nest(text, DEPTH, "{\"a\":", "1", "}")), STATUS_INVALID);
	assert_status(parse(text, nest(text, 100000, "[", "", "]")), STATUS_INVALID);
	assert_status(parse(text, nest(text, 100000, "[", "", "")), STATUS_INVALID);
	assert_status(parse(text, nest(text, 100000, "{\"a\":", "", "")), STATUS_INVALID);
}

/* Every cut of a good text is refused, but for white space at its end. */
static void every_cut_is_refused(void **state)
{
	(void)state;
	static const char text[] = "{\"data\":{\"a\":[1,2.5,\"\\u00e9é\\\"\"],\"b\":true},"
				   "\"error\":{\"code\":\"ok\"}} ";
	for (size_t length = 0; length < sizeof(text) - 2; length++) {
		char *cut = malloc(length ? length : 1);
		memcpy(cut, text, length);
		if (parse(cut, length) != STATUS_INVALID)
			fail_msg("cut at %zu", length);
		free(cut);
	}
	assert_status(parse(text, sizeof(text) - 1), STATUS_OK);
}

/* Every byte changed to every other: whatever passes must be written and read again to the same. */
static void whatever_passes_survives_a_round_trip(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const char text[] = "{\"a\":[1,-2.5e3,\"x\\n\"],\"b\":{\"c\":null}}";
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		for (int byte = 0; byte < 256; byte++) {
			char changed[sizeof(text)];
			memcpy(changed, text, sizeof(text));
			changed[i] = (char)byte;
			CLEANUP(json_object_put) struct json_object *once = NULL, *twice = NULL;
			if (json_parse(changed, sizeof(text) - 1, DEPTH, &once) != STATUS_OK)
				continue;
			const char *written = json_text(&arena, once);
			assert_status(json_parse(written, strlen(written), DEPTH, &twice),
				      STATUS_OK);
			assert_string_equal(json_text(&arena, twice), written);
		}
	}
}

static const char members[] =
	"{\"text\":\"t\",\"int\":7,\"big\":7000000000000000001,\"bool\":true,\"no\":false,"
	"\"object\":{\"x\":1},\"array\":[1],\"null\":null,\"double\":1.0,\"digits\":\"7\"}";

static void getters_give_members_of_their_type(void **state)
{
	(void)state;
	CLEANUP(json_object_put) struct json_object *object = NULL;
	struct json_object *inner;
	const char *text;
	int64_t number;
	bool truth;
	assert_status(json_parse(members, strlen(members), DEPTH, &object), STATUS_OK);
	assert_status(json_get_string(object, "text", &text), STATUS_OK);
	assert_string_equal(text, "t");
	assert_status(json_get_int(object, "int", &number), STATUS_OK);
	assert_int_equal(number, 7);
	assert_status(json_get_int(object, "big", &number), STATUS_OK);
	assert_true(number == INT64_C(7000000000000000001));
	assert_status(json_get_bool(object, "bool", &truth), STATUS_OK);
	assert_true(truth);
	assert_status(json_get_bool(object, "no", &truth), STATUS_OK);
	assert_false(truth);
	assert_status(json_get_object(object, "object", &inner), STATUS_OK);
	assert_int_equal(json_object_object_length(inner), 1);
	assert_status(json_get_array(object, "array", &inner), STATUS_OK);
	assert_int_equal(json_object_array_length(inner), 1);
}

/* No coercion: "7" is no number, 1 is not true, 1.0 is no integer. */
static void getters_refuse_other_types_and_touch_nothing(void **state)
{
	(void)state;
	CLEANUP(json_object_put) struct json_object *object = NULL;
	struct json_object *inner = NULL;
	const char *text = "before";
	int64_t number = -1;
	bool truth = true;
	assert_status(json_parse(members, strlen(members), DEPTH, &object), STATUS_OK);
	assert_status(json_get_string(object, "int", &text), STATUS_INVALID);
	assert_status(json_get_string(object, "object", &text), STATUS_INVALID);
	assert_status(json_get_int(object, "digits", &number), STATUS_INVALID);
	assert_status(json_get_int(object, "double", &number), STATUS_INVALID);
	assert_status(json_get_int(object, "bool", &number), STATUS_INVALID);
	assert_status(json_get_bool(object, "int", &truth), STATUS_INVALID);
	assert_status(json_get_bool(object, "text", &truth), STATUS_INVALID);
	assert_status(json_get_object(object, "array", &inner), STATUS_INVALID);
	assert_status(json_get_array(object, "object", &inner), STATUS_INVALID);
	assert_string_equal(text, "before");
	assert_true(number == -1 && truth && !inner);
}

static void null_and_missing_are_not_found(void **state)
{
	(void)state;
	CLEANUP(json_object_put) struct json_object *object = NULL, *array = NULL;
	const char *text;
	int64_t number;
	assert_status(json_parse(members, strlen(members), DEPTH, &object), STATUS_OK);
	assert_status(json_get_string(object, "null", &text), STATUS_NOT_FOUND);
	assert_status(json_get_string(object, "absent", &text), STATUS_NOT_FOUND);
	assert_status(json_get_int(object, "null", &number), STATUS_NOT_FOUND);
	assert_string_equal(json_string_or(object, "absent", "f"), "f");
	assert_string_equal(json_string_or(object, "int", "f"), "f");
	assert_string_equal(json_string_or(object, "text", "f"), "t");
	assert_null(json_string_or(object, "absent", NULL));
	/* What is no object has no members. */
	assert_status(json_get_string(NULL, "a", &text), STATUS_NOT_FOUND);
	assert_status(json_parse("[1]", 3, DEPTH, &array), STATUS_OK);
	assert_status(json_get_string(array, "a", &text), STATUS_NOT_FOUND);
}

static void an_integer_that_does_not_fit_is_invalid(void **state)
{
	(void)state;
	static const char text[] = "{\"a\":9223372036854775808,\"b\":18446744073709551615,"
				   "\"c\":99999999999999999999999,\"d\":-9223372036854775809,"
				   "\"e\":-99999999999999999999999,\"f\":9223372036854775806,"
				   "\"g\":-9223372036854775807,\"h\":1e3}";
	CLEANUP(json_object_put) struct json_object *object = NULL;
	int64_t number = 5;
	assert_status(json_parse(text, strlen(text), DEPTH, &object), STATUS_OK);
	for (const char *name = "abcdeh"; *name; name++) {
		char key[] = { *name, 0 };
		assert_status(json_get_int(object, key, &number), STATUS_INVALID);
	}
	assert_int_equal(number, 5);
	assert_status(json_get_int(object, "f", &number), STATUS_OK);
	assert_true(number == INT64_MAX - 1);
	assert_status(json_get_int(object, "g", &number), STATUS_OK);
	assert_true(number == -INT64_MAX);
}

static void what_is_added_comes_out_as_text(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	CLEANUP(json_object_put) struct json_object *object = json_object_new_object();
	struct json_object *array = json_object_new_array();
	json_add_string(object, "s", "a/b \"<é>\n");
	json_add_string(object, "n", NULL);
	json_add_int(object, "i", INT64_C(7000000000000000001));
	json_add_bool(object, "b", true);
	json_array_push(array, json_object_new_string("x"));
	json_array_push(array, NULL);
	json_add(object, "a", array);
	json_add(object, "z", NULL);
	assert_string_equal(
		json_text(&arena, object),
		"{\"s\":\"a/b \\\"<é>\\n\",\"n\":null,\"i\":7000000000000000001,\"b\":true,"
		"\"a\":[\"x\",null],\"z\":null}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_values_are_taken),
		cmocka_unit_test(what_is_no_value_is_refused),
		cmocka_unit_test(json_c_s_own_liberties_are_refused),
		cmocka_unit_test(numbers_have_one_form),
		cmocka_unit_test(nothing_may_follow_the_value),
		cmocka_unit_test(a_name_given_twice_is_refused_at_any_depth),
		cmocka_unit_test(a_name_given_twice_is_seen_through_escapes),
		cmocka_unit_test(colons_and_quotes_in_strings_do_not_count),
		cmocka_unit_test(strings_hold_no_raw_controls),
		cmocka_unit_test(escapes_have_their_forms),
		cmocka_unit_test(ill_formed_utf8_is_refused),
		cmocka_unit_test(half_a_surrogate_pair_does_not_come_out),
		cmocka_unit_test(a_nul_in_a_name_is_refused),
		cmocka_unit_test(a_nul_in_a_string_is_no_string_for_the_getter),
		cmocka_unit_test(the_length_is_the_end),
		cmocka_unit_test(values_nest_to_the_depth_and_no_deeper),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(whatever_passes_survives_a_round_trip),
		cmocka_unit_test(getters_give_members_of_their_type),
		cmocka_unit_test(getters_refuse_other_types_and_touch_nothing),
		cmocka_unit_test(null_and_missing_are_not_found),
		cmocka_unit_test(an_integer_that_does_not_fit_is_invalid),
		cmocka_unit_test(what_is_added_comes_out_as_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
