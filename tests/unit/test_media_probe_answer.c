/* The report of the media process, taken as hostile: one good one, and everything wrong with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "media/probe.h"
#include "media/probe_answer.h"
#include "media/probe_protocol.h"

enum { FILE_SIZE = 1234567 };

/* Members of a good report; a case replaces the text of one. */
static const char *const good[][2] = {
	{ "ok", "true" },	    { "code", "\"\"" },		{ "message", "\"\"" },
	{ "container", "\"mp4\"" }, { "codec", "\"h264\"" },	{ "audio_codec", "\"aac\"" },
	{ "width", "1080" },	    { "height", "1920" },	{ "rotation", "90" },
	{ "fps_milli", "29970" },   { "fps_variable", "true" }, { "duration_ms", "15000" },
	{ "size", "1234567" },	    { "has_location", "true" }, { "has_device", "false" },
};

/* The report with changes (name, JSON text; NULL leaves the member out) up to a NULL name. */
static enum status parse_changed(struct arena *arena, const char *const changes[][2],
				 struct probe_result *ret_result)
{
	const char *text = "{";
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		const char *value = good[i][1];
		for (size_t j = 0; changes[j][0]; j++)
			value = strcmp(changes[j][0], good[i][0]) == 0 ? changes[j][1] : value;
		if (value)
			text = arena_printf(arena, "%s%s\"%s\":%s", text, text[1] ? "," : "",
					    good[i][0], value);
	}
	text = arena_printf(arena, "%s}", text);
	return probe_answer_parse(arena, text, strlen(text), FILE_SIZE, ret_result);
}

static void assert_refused(const char *name, const char *value)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct probe_result result = { .code = "untouched" };
	const char *const changes[][2] = { { name, value }, { NULL, NULL } };
	if (parse_changed(&arena, changes, &result) != STATUS_INVALID)
		fail_msg("accepted: %s = %s", name, value ? value : "(missing)");
	assert_string_equal(result.code, "untouched");
}

static void a_good_report_is_read(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct probe_result result;
	const char *const none[][2] = { { NULL, NULL } };
	assert_int_equal(parse_changed(&arena, none, &result), STATUS_OK);
	assert_true(result.ok);
	assert_string_equal(result.code, "");
	assert_string_equal(result.video.container, "mp4");
	assert_string_equal(result.video.codec, "h264");
	assert_string_equal(result.video.audio_codec, "aac");
	assert_int_equal(result.video.width, 1080);
	assert_int_equal(result.video.height, 1920);
	assert_int_equal(result.video.rotation, 90);
	assert_int_equal(result.video.fps_milli, 29970);
	assert_true(result.video.fps_variable);
	assert_int_equal(result.video.duration_ms, 15000);
	assert_int_equal(result.video.size, FILE_SIZE);
	assert_true(result.video.has_location);
	assert_false(result.video.has_device);
	assert_null(result.thumbnail);
}

static void a_refusal_is_read_with_what_was_found(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct probe_result result;
	const char *const changes[][2] = {
		{ "ok", "false" },
		{ "code", "\"frame_rate_check_failed\"" },
		{ "message", "\"The video has 15.00 frames a second.\"" },
		{ "fps_milli", "15000" },
		{ NULL, NULL },
	};
	assert_int_equal(parse_changed(&arena, changes, &result), STATUS_OK);
	assert_false(result.ok);
	assert_string_equal(result.code, "frame_rate_check_failed");
	assert_string_equal(result.message, "The video has 15.00 frames a second.");
	assert_int_equal(result.video.fps_milli, 15000);
}

static void every_member_must_be_there_and_of_its_type(void **state)
{
	(void)state;
	static const char *const wrong[] = { NULL,  "null",	     "[]",	   "{}",
					     "1.5", "\"1\\u00002\"", "\"\\u007f\"" };
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(wrong); j++)
			assert_refused(good[i][0], wrong[j]);
		char first = good[i][1][0];
		assert_refused(good[i][0], first == '"' ? "7" : "\"7\"");
		assert_refused(good[i][0], first == 't' || first == 'f' ? "0" : "true");
	}
}

static void numbers_keep_their_ranges(void **state)
{
	(void)state;
	static const char *const names[] = { "width",	  "height",	 "rotation",
					     "fps_milli", "duration_ms", "size" };
	static const char *const wrong[] = {
		"-1",  "9223372036854775807", "9223372036854775808", "-9223372036854775809",
		"1e3", "4294967296"
	};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(wrong); j++)
			assert_refused(names[i], wrong[j]);
	}
	assert_refused("rotation", "45");
	assert_refused("rotation", "360");
	assert_refused("size", "1234566");
}

static void texts_come_from_their_sets(void **state)
{
	(void)state;
	static const char *const wrong[] = { "\"<b>\"",
					     "\"a b\"",
					     "\"H264\"",
					     "\"../etc\"",
					     "\"a\\nb\"",
					     "\"\\u00e9\"",
					     "\"abcdefghijklmnopqrstuvwxyz0123456789\"" };
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_refused("container", wrong[i]);
		assert_refused("codec", wrong[i]);
		assert_refused("audio_codec", wrong[i]);
		assert_refused("code", wrong[i]);
	}
	assert_refused("container", "\"avi\"");
}

static void assert_message_refused(struct arena *arena, const char *message)
{
	struct probe_result result;
	const char *const changes[][2] = {
		{ "ok", "false" },
		{ "code", "\"truncated\"" },
		{ "message", arena_printf(arena, "\"%s\"", message) },
		{ NULL, NULL },
	};
	assert_int_equal(parse_changed(arena, changes, &result), STATUS_INVALID);
}

static void messages_are_printable_and_bounded(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_message_refused(&arena, "");
	assert_message_refused(&arena, "line\\nbreak");
	assert_message_refused(&arena, "escape \\u001b[2J");
	assert_message_refused(&arena, "\xd0\x9f");
	assert_message_refused(&arena, "\xff");
	char *large = arena_alloc(&arena, 400);
	memset(large, 'a', 399);
	assert_message_refused(&arena, large);
}

static void code_and_words_agree_with_ok(void **state)
{
	(void)state;
	assert_refused("ok", "false");
	assert_refused("code", "\"truncated\"");
	assert_refused("message", "\"all is well\"");
}

static void an_acceptance_is_held_against_the_limits_again(void **state)
{
	(void)state;
	assert_refused("width", "200");
	assert_refused("fps_milli", "15000");
	assert_refused("duration_ms", "0");
	assert_refused("duration_ms", "661000");
	assert_refused("codec", "\"mpeg4\"");
	assert_refused("container", "\"\"");
}

static void what_is_no_report_is_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"",	   "null",	    "[]",
		"1",	   "\"text\"",	    "{",
		"{}",	   "{\"ok\":true}", "{\"ok\":true,\"ok\":true}",
		"not json"
	};
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		CLEANUP(arena) struct arena arena = { 0 };
		struct probe_result result;
		assert_int_equal(
			probe_answer_parse(&arena, wrong[i], strlen(wrong[i]), FILE_SIZE, &result),
			STATUS_INVALID);
	}
}

static void depth_and_length_are_limited(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct probe_result result;
	char *deep = arena_alloc(&arena, 20001);
	memset(deep, '[', 10000);
	memset(deep + 10000, ']', 10000);
	assert_int_equal(probe_answer_parse(&arena, deep, 20000, FILE_SIZE, &result),
			 STATUS_INVALID);
	char *large = arena_alloc(&arena, PROBE_REPORT_MAX + 2);
	memset(large, ' ', PROBE_REPORT_MAX + 1);
	assert_int_equal(
		probe_answer_parse(&arena, large, PROBE_REPORT_MAX + 1, FILE_SIZE, &result),
		STATUS_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_report_is_read),
		cmocka_unit_test(a_refusal_is_read_with_what_was_found),
		cmocka_unit_test(every_member_must_be_there_and_of_its_type),
		cmocka_unit_test(numbers_keep_their_ranges),
		cmocka_unit_test(texts_come_from_their_sets),
		cmocka_unit_test(messages_are_printable_and_bounded),
		cmocka_unit_test(code_and_words_agree_with_ok),
		cmocka_unit_test(an_acceptance_is_held_against_the_limits_again),
		cmocka_unit_test(what_is_no_report_is_refused),
		cmocka_unit_test(depth_and_length_are_limited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
