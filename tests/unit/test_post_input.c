/* What a user may ask of a post: types, lengths, and what never goes together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/json.h"
#include "store/post_input.h"

static struct arena arena;
static struct json_object *body;
static struct post_input input;
static struct post_faults faults;

static int begin(void **state)
{
	(void)state;
	input = (struct post_input){ .content = { .time_zone = "UTC", .caption = "" } };
	faults.count = 0;
	body = NULL;
	return 0;
}

static int end(void **state)
{
	(void)state;
	json_object_put(body);
	arena_reset(&arena);
	return 0;
}

static void read_body(const char *text)
{
	json_object_put(body);
	body = NULL;
	faults.count = 0;
	assert_int_equal(json_parse(text, strlen(text), 8, &body), STATUS_OK);
	post_input_read(&arena, body, &input, &faults);
}

static void assert_fault(const char *text, const char *field, const char *code)
{
	read_body(text);
	assert_int_equal(faults.count, 1);
	assert_string_equal(faults.items[0].field, field);
	assert_string_equal(faults.items[0].code, code);
	assert_false(faults.items[0].conflict);
}

static void assert_good(const char *text)
{
	read_body(text);
	assert_int_equal(faults.count, 0);
}

static void a_whole_post_is_read(void **state)
{
	(void)state;
	assert_good(
		"{\"account_id\": \"12\", \"video_id\": \"34\", \"mode\": \"draft\", \"due_at\": "
		"\"2026-11-22T14:05:00+03:00\", \"time_zone\": \"Europe/Moscow\", \"caption\": "
		"\"two\\nlines\", \"privacy_level\": \"SELF_ONLY\", \"allow_comment\": true, "
		"\"allow_duet\": true, \"allow_stitch\": true, \"your_brand\": true, "
		"\"branded_content\": false, \"is_aigc\": true, \"cover_ms\": 1500, \"consent\": "
		"true, "
		"\"unknown\": [1]}");
	assert_int_equal(input.content.account_id, 12);
	assert_int_equal(input.content.video_id, 34);
	assert_int_equal(input.content.mode, POST_INBOX);
	assert_int_equal(input.due, POST_DUE_AT);
	assert_string_equal(input.due_text, "2026-11-22T14:05:00+03:00");
	assert_string_equal(input.content.time_zone, "Europe/Moscow");
	assert_string_equal(input.content.caption, "two\nlines");
	assert_string_equal(input.content.privacy_level, "SELF_ONLY");
	assert_true(input.content.allow_comment && input.content.allow_duet &&
		    input.content.allow_stitch && input.content.your_brand &&
		    input.content.is_aigc && input.consent);
	assert_false(input.content.branded_content);
	assert_int_equal(input.content.cover_ms, 1500);
}

static void what_is_not_said_stays(void **state)
{
	(void)state;
	input.content = (struct post_content){ .account_id = 1,
					       .video_id = 2,
					       .time_zone = "Asia/Tokyo",
					       .caption = "old",
					       .privacy_level = "SELF_ONLY",
					       .allow_duet = true,
					       .cover_ms = 7 };
	struct post_content old = input.content;
	assert_good("{}");
	assert_int_equal(input.due, POST_DUE_KEEP);
	assert_false(post_content_differs(&old, &input.content));
	assert_good("{\"caption\": null, \"privacy_level\": null, \"due_at\": null, \"cover_ms\": "
		    "null}");
	assert_string_equal(input.content.caption, "");
	assert_null(input.content.privacy_level);
	assert_int_equal(input.content.cover_ms, 0);
	assert_int_equal(input.due, POST_DUE_NONE);
	assert_true(input.content.allow_duet);
}

static void ids_are_strings_or_whole_numbers(void **state)
{
	(void)state;
	assert_good("{\"account_id\": 5}");
	assert_int_equal(input.content.account_id, 5);
	assert_fault("{\"account_id\": \"x\"}", "account_id", "wrong_type");
	assert_fault("{\"account_id\": \"\"}", "account_id", "wrong_type");
	assert_fault("{\"account_id\": \"0\"}", "account_id", "wrong_type");
	assert_fault("{\"account_id\": -1}", "account_id", "wrong_type");
	assert_fault("{\"account_id\": true}", "account_id", "wrong_type");
	assert_fault("{\"video_id\": \"99999999999999999999\"}", "video_id", "wrong_type");
	assert_fault("{\"video_id\": 1.5}", "video_id", "wrong_type");
	assert_fault("{\"video_id\": null}", "video_id", "required");
}

static void other_types_are_refused(void **state)
{
	(void)state;
	assert_fault("{\"mode\": 1}", "mode", "wrong_type");
	assert_fault("{\"mode\": null}", "mode", "wrong_type");
	assert_fault("{\"mode\": \"inbox\"}", "mode", "unknown_mode");
	assert_fault("{\"caption\": 1}", "caption", "wrong_type");
	assert_fault("{\"privacy_level\": []}", "privacy_level", "wrong_type");
	assert_fault("{\"time_zone\": 3}", "time_zone", "wrong_type");
	assert_fault("{\"time_zone\": \"\"}", "time_zone", "unknown_time_zone");
	assert_fault("{\"due_at\": 1700000000}", "due_at", "wrong_type");
	assert_fault("{\"local_time\": 5}", "local_time", "wrong_type");
	assert_fault("{\"cover_ms\": \"1\"}", "cover_ms", "wrong_type");
	assert_fault("{\"cover_ms\": 1.5}", "cover_ms", "wrong_type");
	assert_fault("{\"consent\": \"yes\"}", "consent", "wrong_type");
	assert_fault("{\"consent_texts\": \"x\"}", "consent_texts", "wrong_type");
	assert_fault("{\"consent_texts\": [1]}", "consent_texts", "wrong_type");
	assert_fault("{\"consent_options\": []}", "consent_options", "wrong_type");
	assert_fault("{\"post_again\": 1}", "post_again", "wrong_type");
	static const char *const switches[] = { "allow_comment", "allow_duet",	    "allow_stitch",
						"your_brand",	 "branded_content", "is_aigc" };
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++) {
		assert_fault(arena_printf(&arena, "{\"%s\": \"true\"}", switches[i]), switches[i],
			     "wrong_type");
		assert_fault(arena_printf(&arena, "{\"%s\": 1}", switches[i]), switches[i],
			     "wrong_type");
		assert_fault(arena_printf(&arena, "{\"%s\": null}", switches[i]), switches[i],
			     "wrong_type");
	}
}

static const char *caption_of(const char *unit, size_t count)
{
	char *text = arena_alloc(&arena, strlen(unit) * count + 64);
	size_t used = (size_t)snprintf(text, 64, "{\"caption\": \"");
	for (size_t i = 0; i < count; i++) {
		memcpy(text + used, unit, strlen(unit));
		used += strlen(unit);
	}
	memcpy(text + used, "\"}", 3);
	return text;
}

static void a_caption_has_2200_utf16_units_at_most(void **state)
{
	(void)state;
	assert_good(caption_of("a", 2200));
	assert_fault(caption_of("a", 2201), "caption", "too_long");
	assert_good(caption_of("\xd0\xb6", 2200));
	assert_fault(caption_of("\xd0\xb6", 2201), "caption", "too_long");
	assert_good(caption_of("\xf0\x9f\x98\x80", 1100));
	assert_fault(caption_of("\xf0\x9f\x98\x80", 1101), "caption", "too_long");
}

static void a_caption_is_printable(void **state)
{
	(void)state;
	assert_good("{\"caption\": \"tab\\tand line\\n#tag @name\"}");
	assert_fault("{\"caption\": \"bell\\u0007\"}", "caption", "not_printable");
	assert_fault("{\"caption\": \"a\\u0000b\"}", "caption", "wrong_type");
}

static void privacy_levels_are_words_of_tiktok(void **state)
{
	(void)state;
	assert_good("{\"privacy_level\": \"SOMETHING_NEW\"}");
	assert_fault("{\"privacy_level\": \"\"}", "privacy_level", "unknown_value");
	assert_fault("{\"privacy_level\": \"self_only\"}", "privacy_level", "unknown_value");
	assert_fault("{\"privacy_level\": \"SELF ONLY\"}", "privacy_level", "unknown_value");
	assert_fault("{\"privacy_level\": "
		     "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
		     "privacy_level", "unknown_value");
}

static void times_have_an_offset_or_a_zone(void **state)
{
	(void)state;
	assert_good("{\"due_at\": \"2026-11-22T14:05:00Z\"}");
	assert_good("{\"due_at\": \"now\"}");
	assert_int_equal(input.due, POST_DUE_NOW);
	assert_good("{\"local_time\": \"2026-11-22T14:05\"}");
	assert_int_equal(input.due, POST_DUE_LOCAL);
	assert_string_equal(input.due_text, "2026-11-22T14:05");
	assert_fault("{\"due_at\": \"2026-11-22T14:05:00\"}", "due_at", "malformed_time");
	assert_fault("{\"due_at\": \"2026-11-22 14:05:00Z\"}", "due_at", "malformed_time");
	assert_fault("{\"due_at\": \"tomorrow\"}", "due_at", "malformed_time");
	assert_fault("{\"due_at\": \"\"}", "due_at", "malformed_time");
	assert_fault("{\"local_time\": \"2026-11-22T14:05Z\"}", "local_time", "malformed_time");
	assert_fault("{\"due_at\": \"now\", \"local_time\": \"2026-11-22T14:05\"}", "local_time",
		     "time_given_twice");
	assert_good("{\"due_at\": null, \"local_time\": \"2026-11-22T14:05\"}");
	assert_int_equal(input.due, POST_DUE_LOCAL);
}

static void the_cover_lies_within_ten_minutes(void **state)
{
	(void)state;
	assert_good("{\"cover_ms\": 0}");
	assert_good("{\"cover_ms\": 600000}");
	assert_fault("{\"cover_ms\": 600001}", "cover_ms", "out_of_range");
	assert_fault("{\"cover_ms\": -1}", "cover_ms", "out_of_range");
}

static void the_record_of_consent_is_what_was_shown(void **state)
{
	(void)state;
	assert_good("{\"consent\": true, \"consent_texts\": [\"By posting, you agree\"], "
		    "\"consent_options\": {\"privacy_level_options\": [\"SELF_ONLY\"]}}");
	assert_string_equal(input.consent_record,
			    "{\"texts\":[\"By posting, you agree\"],\"options\":{"
			    "\"privacy_level_options\":[\"SELF_ONLY\"]}}");
	assert_good("{\"consent\": true}");
	assert_string_equal(input.consent_record, "{\"texts\":[],\"options\":null}");
	assert_fault("{\"consent\": true, \"consent_texts\": [\"a\\u0000\"]}", "consent_texts",
		     "too_long");
	read_body("{\"consent\": false}");
	assert_true(input.consent_refused && !input.consent);
}

static void check(struct post_content content, bool scheduled, bool audited)
{
	faults.count = 0;
	post_content_check(&content, scheduled, audited, &faults);
}

static void a_scheduled_direct_post_needs_a_chosen_privacy(void **state)
{
	(void)state;
	struct post_content content = { .account_id = 1, .video_id = 1, .caption = "" };
	check(content, true, true);
	assert_int_equal(faults.count, 1);
	assert_string_equal(faults.items[0].field, "privacy_level");
	assert_string_equal(faults.items[0].code, "required");
	check(content, false, true);
	assert_int_equal(faults.count, 0);
	content.mode = POST_INBOX;
	check(content, true, true);
	assert_int_equal(faults.count, 0);
}

static void branded_content_is_never_private(void **state)
{
	(void)state;
	struct post_content content = { .account_id = 1,
					.video_id = 1,
					.caption = "",
					.branded_content = true,
					.privacy_level = "SELF_ONLY" };
	check(content, true, true);
	assert_int_equal(faults.count, 1);
	assert_string_equal(faults.items[0].code, "branded_content_private");
	content.privacy_level = "PUBLIC_TO_EVERYONE";
	check(content, true, true);
	assert_int_equal(faults.count, 0);
}

static void an_unaudited_app_posts_privately(void **state)
{
	(void)state;
	struct post_content content = {
		.account_id = 1, .video_id = 1, .caption = "", .privacy_level = "PUBLIC_TO_EVERYONE"
	};
	check(content, true, false);
	assert_int_equal(faults.count, 1);
	assert_string_equal(faults.items[0].code, "unaudited_private_only");
	content.privacy_level = "SELF_ONLY";
	check(content, true, false);
	assert_int_equal(faults.count, 0);
	content.mode = POST_INBOX;
	content.privacy_level = "PUBLIC_TO_EVERYONE";
	check(content, true, false);
	assert_int_equal(faults.count, 0);
}

static void account_and_video_are_needed(void **state)
{
	(void)state;
	struct post_content content = { .caption = "" };
	check(content, false, true);
	assert_int_equal(faults.count, 2);
	assert_string_equal(faults.items[0].field, "account_id");
	assert_string_equal(faults.items[1].field, "video_id");
}

static void consent_is_outdated_by_another_target_or_declaration(void **state)
{
	(void)state;
	struct post_content a = { .account_id = 1, .video_id = 2, .caption = "a" }, b = a;
	b.caption = "b";
	b.your_brand = true;
	assert_true(post_content_differs(&a, &b));
	assert_false(post_consent_is_outdated(&a, &b));
	b.branded_content = true;
	assert_true(post_consent_is_outdated(&a, &b));
	assert_false(post_consent_is_outdated(&b, &a));
	b = a;
	b.account_id = 9;
	assert_true(post_consent_is_outdated(&a, &b));
	b = a;
	b.video_id = 9;
	assert_true(post_consent_is_outdated(&a, &b));
	b = a;
	b.mode = POST_INBOX;
	assert_true(post_consent_is_outdated(&a, &b));
}

static void more_faults_than_there_is_room_for_are_dropped(void **state)
{
	(void)state;
	for (int i = 0; i < POST_FAULTS_MAX + 5; i++)
		post_fault(&faults, "f", "c", "m");
	assert_int_equal(faults.count, POST_FAULTS_MAX);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_whole_post_is_read),
		CASE(what_is_not_said_stays),
		CASE(ids_are_strings_or_whole_numbers),
		CASE(other_types_are_refused),
		CASE(a_caption_has_2200_utf16_units_at_most),
		CASE(a_caption_is_printable),
		CASE(privacy_levels_are_words_of_tiktok),
		CASE(times_have_an_offset_or_a_zone),
		CASE(the_cover_lies_within_ten_minutes),
		CASE(the_record_of_consent_is_what_was_shown),
		CASE(a_scheduled_direct_post_needs_a_chosen_privacy),
		CASE(branded_content_is_never_private),
		CASE(an_unaudited_app_posts_privately),
		CASE(account_and_video_are_needed),
		CASE(consent_is_outdated_by_another_target_or_declaration),
		CASE(more_faults_than_there_is_room_for_are_dropped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
