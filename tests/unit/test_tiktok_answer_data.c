/* What TikTok's answers say of users, creators, posts and videos. */
#include "unit.h"

#include "tiktok_answer.h"

static void a_user_may_lack_anything(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_user user;
	struct tiktok_error error;
	struct http_answer answer = answer_of(
		&arena, 200,
		"{\"data\":{\"user\":{\"open_id\":\"-000x\",\"display_name\":\"Имя <b>\","
		"\"username\":\"name\",\"avatar_url\":\"https://p16.example/a.jpeg\"}}," OK_ERROR
		"}");
	assert_status(tiktok_user_parse(&arena, &answer, &user, &error), STATUS_OK);
	assert_string_equal(user.open_id, "-000x");
	assert_string_equal(user.display_name, "Имя <b>");
	assert_string_equal(user.username, "name");
	assert_string_equal(user.avatar_url, "https://p16.example/a.jpeg");
	answer = answer_of(&arena, 200,
			   "{\"data\":{\"user\":{\"open_id\":7,\"display_name\":null,"
			   "\"username\":\"a\\u0000b\",\"avatar_url\":\"a\\nb\"}}," OK_ERROR "}");
	assert_status(tiktok_user_parse(&arena, &answer, &user, &error), STATUS_OK);
	assert_string_equal(user.open_id, "");
	assert_string_equal(user.display_name, "");
	assert_string_equal(user.username, "");
	assert_string_equal(user.avatar_url, "");
	assert_answer(USER, 200, "{\"data\":{\"user\":[]}," OK_ERROR "}", STATUS_RETRY,
		      "internal_error");
}

static void creator_info_is_read(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_creator_info info;
	struct tiktok_error error;
	struct http_answer answer = answer_of(&arena, 200,
					      "{\"data\":{\"creator_avatar_url\":\"https://"
					      "p16.example/a.jpeg\",\"creator_username\":"
					      "\"sample_creator\",\"creator_nickname\":\"Sample "
					      "Creator\",\"privacy_level_options\":"
					      "[\"PUBLIC_TO_EVERYONE\",\"MUTUAL_FOLLOW_FRIENDS\","
					      "\"SELF_ONLY\"],\"comment_disabled\":false,"
					      "\"duet_disabled\":false,\"stitch_disabled\":true,"
					      "\"max_video_post_duration_sec\":300}," OK_ERROR "}");
	assert_status(tiktok_creator_info_parse(&arena, &answer, &info, &error), STATUS_OK);
	assert_string_equal(info.nickname, "Sample Creator");
	assert_string_equal(info.username, "sample_creator");
	assert_string_equal(info.avatar_url, "https://p16.example/a.jpeg");
	assert_int_equal(info.privacy_option_count, 3);
	assert_string_equal(info.privacy_options[0], "PUBLIC_TO_EVERYONE");
	assert_string_equal(info.privacy_options[2], "SELF_ONLY");
	assert_false(info.comment_disabled);
	assert_false(info.duet_disabled);
	assert_true(info.stitch_disabled);
	assert_int_equal(info.max_duration_s, 300);
}

static void creator_info_keeps_unknown_options_and_skips_what_is_none(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_creator_info info;
	struct tiktok_error error;
	struct http_answer answer = answer_of(&arena, 200,
					      "{\"data\":{\"privacy_level_options\":[\"BRAND_NEW\","
					      "7,null,{\"a\":1},\"SELF_ONLY\"]}," OK_ERROR "}");
	assert_status(tiktok_creator_info_parse(&arena, &answer, &info, &error), STATUS_OK);
	assert_int_equal(info.privacy_option_count, 2);
	assert_string_equal(info.privacy_options[0], "BRAND_NEW");
	assert_string_equal(info.privacy_options[1], "SELF_ONLY");
	assert_string_equal(info.nickname, "");
	assert_int_equal(info.max_duration_s, 180);
	assert_false(info.comment_disabled || info.duet_disabled || info.stitch_disabled);
	/* Nothing may be chosen: it is an answer all the same. */
	answer = answer_of(&arena, 200, "{\"data\":{\"privacy_level_options\":[]}," OK_ERROR "}");
	assert_status(tiktok_creator_info_parse(&arena, &answer, &info, &error), STATUS_OK);
	assert_int_equal(info.privacy_option_count, 0);
	assert_answer(CREATOR, 200,
		      "{\"data\":{\"privacy_level_options\":\"SELF_ONLY\"}," OK_ERROR "}",
		      STATUS_RETRY, "internal_error");
}

static void a_list_of_options_is_bounded(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_creator_info info;
	struct tiktok_error error;
	const char *options = "\"A\"";
	for (int i = 0; i < 500; i++)
		options = arena_printf(&arena, "%s,\"A\"", options);
	struct http_answer answer = answer_of(
		&arena, 200,
		arena_printf(&arena, "{\"data\":{\"privacy_level_options\":[%s]}," OK_ERROR "}",
			     options));
	assert_status(tiktok_creator_info_parse(&arena, &answer, &info, &error), STATUS_OK);
	assert_int_equal(info.privacy_option_count, 64);
}

static void init_gives_id_and_address(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_init init;
	struct tiktok_error error;
	static const char url[] = "https://open-upload.tiktokapis.com/video/"
				  "?upload_id=7000000000000000001&upload_token=example";
	struct http_answer answer = answer_of(
		&arena, 200,
		arena_printf(&arena,
			     "{\"data\":{\"publish_id\":\"v_pub_file~v2-1.7000000000000000001\","
			     "\"upload_url\":\"%s\"}," OK_ERROR "}",
			     url));
	assert_status(tiktok_init_parse(&arena, &answer, &init, &error), STATUS_OK);
	assert_string_equal(init.publish_id, "v_pub_file~v2-1.7000000000000000001");
	assert_string_equal(init.upload_url.bytes, url);
	assert_int_equal(init.upload_url.length, strlen(url));
}

static void init_without_id_or_address_is_not_understood(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"{\"data\":{\"publish_id\":\"p\"}," OK_ERROR "}",
		"{\"data\":{\"upload_url\":\"https://geheim\"}," OK_ERROR "}",
		"{\"data\":{\"publish_id\":\"\",\"upload_url\":\"https://geheim\"}," OK_ERROR "}",
		"{\"data\":{\"publish_id\":7,\"upload_url\":\"https://geheim\"}," OK_ERROR "}",
		"{\"data\":{\"publish_id\":\"p\",\"upload_url\":\"\"}," OK_ERROR "}",
		"{\"data\":{\"publish_id\":\"p\",\"upload_url\":\"https://geheim\\r\\nX: "
		"y\"}," OK_ERROR "}",
		"{\"data\":{\"publish_id\":\"p\\u0000\",\"upload_url\":\"https://"
		"geheim\"}," OK_ERROR "}",
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_answer(INIT, 200, bad[i], STATUS_RETRY, "internal_error");
}

/* A pull has no upload address; where one comes all the same, no byte goes there. */
static void a_pull_needs_only_its_id(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const char *const bodies[] = {
		"{\"data\":{\"publish_id\":\"v_pub_url~v2-1.7000000000000000001\"}," OK_ERROR "}",
		"{\"data\":{\"publish_id\":\"v_pub_url~v2-1.7000000000000000001\","
		"\"upload_url\":\"https://evil.example/\"}," OK_ERROR "}",
		"{\"data\":{\"publish_id\":\"v_pub_url~v2-1.7000000000000000001\","
		"\"upload_url\":null}," OK_ERROR "}",
	};
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct tiktok_init init;
		struct tiktok_error error;
		struct http_answer answer = answer_of(&arena, 200, bodies[i]);
		assert_status(tiktok_pull_parse(&arena, &answer, &init, &error), STATUS_OK);
		assert_string_equal(init.publish_id, "v_pub_url~v2-1.7000000000000000001");
		assert_int_equal(init.upload_url.length, 0);
		assert_string_equal(init.upload_url.bytes, "");
	}
	assert_answer(PULL, 200, "{\"data\":{\"publish_id\":\"\"}," OK_ERROR "}", STATUS_RETRY,
		      "internal_error");
	assert_answer(PULL, 200, "{\"data\":{\"publish_id\":\"a\\nb\"}," OK_ERROR "}", STATUS_RETRY,
		      "internal_error");
	assert_answer(PULL, 403, "{\"error\":{\"code\":\"url_ownership_unverified\"}}",
		      STATUS_REFUSED, "url_ownership_unverified");
}

static void init_tells_every_documented_refusal(void **state)
{
	(void)state;
	static const struct {
		long http;
		const char *code;
	} refusals[] = {
		{ 400, "invalid_param" },
		{ 400, "invalid_params" },
		{ 403, "spam_risk_too_many_posts" },
		{ 403, "spam_risk_user_banned_from_posting" },
		{ 403, "reached_active_user_cap" },
		{ 403, "unaudited_client_can_only_post_to_private_accounts" },
		{ 403, "url_ownership_unverified" },
		{ 403, "privacy_level_option_mismatch" },
		{ 403, "spam_risk_too_many_pending_share" },
		{ 401, "access_token_invalid" },
		{ 401, "scope_not_authorized" },
		{ 429, "rate_limit_exceeded" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		CLEANUP(arena) struct arena arena = { 0 };
		assert_answer(INIT, refusals[i].http,
			      arena_printf(&arena,
					   "{\"data\":{},\"error\":{\"code\":\"%s\",\"message\":"
					   "\"Please review "
					   "our integration guidelines\",\"log_id\":\"l\"}}",
					   refusals[i].code),
			      STATUS_REFUSED, refusals[i].code);
	}
}

static struct tiktok_status status_of(struct arena *arena, const char *data)
{
	struct tiktok_status status;
	struct tiktok_error error;
	struct http_answer answer =
		answer_of(arena, 200, arena_printf(arena, "{\"data\":{%s}," OK_ERROR "}", data));
	assert_status(tiktok_status_parse(arena, &answer, &status, &error), STATUS_OK);
	assert_string_equal(error.code, "ok");
	return status;
}

static void every_status_word_is_known(void **state)
{
	(void)state;
	static const struct {
		const char *word;
		enum tiktok_post_status status;
	} words[] = {
		{ "PROCESSING_UPLOAD", TIKTOK_PROCESSING_UPLOAD },
		{ "PROCESSING_DOWNLOAD", TIKTOK_PROCESSING_DOWNLOAD },
		{ "SEND_TO_USER_INBOX", TIKTOK_SEND_TO_USER_INBOX },
		{ "PUBLISH_COMPLETE", TIKTOK_PUBLISH_COMPLETE },
		{ "FAILED", TIKTOK_FAILED },
		{ "BRAND_NEW", TIKTOK_STATUS_UNKNOWN },
		{ "failed", TIKTOK_STATUS_UNKNOWN },
		{ "PUBLISH_COMPLETE ", TIKTOK_STATUS_UNKNOWN },
	};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		CLEANUP(arena) struct arena arena = { 0 };
		struct tiktok_status status =
			status_of(&arena, arena_printf(&arena, "\"status\":\"%s\"", words[i].word));
		assert_int_equal(status.status, words[i].status);
		assert_string_equal(status.word, words[i].word);
		assert_int_equal(status.public_id_count, 0);
		assert_int_equal(status.uploaded_bytes, -1);
	}
}

static void a_failure_has_its_reason_verbatim(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_status status = status_of(
		&arena, "\"status\":\"FAILED\",\"fail_reason\":\"picture_size_check_failed\","
			"\"publicaly_available_post_id\":[],\"uploaded_bytes\":10000");
	assert_string_equal(status.fail_reason, "picture_size_check_failed");
	assert_int_equal(status.uploaded_bytes, 10000);
	assert_int_equal(status.public_id_count, 0);
	assert_string_equal(status_of(&arena, "\"fail_reason\":\"brand_new\",\"status\":\"FAILED\"")
				    .fail_reason,
			    "brand_new");
	assert_string_equal(status_of(&arena, "\"status\":\"FAILED\"").fail_reason, "unknown");
	assert_string_equal(
		status_of(&arena, "\"status\":\"FAILED\",\"fail_reason\":\"\"").fail_reason,
		"unknown");
	assert_string_equal(
		status_of(&arena, "\"status\":\"FAILED\",\"fail_reason\":5").fail_reason,
		"unknown");
	/* Only a failure has one. */
	assert_string_equal(
		status_of(&arena, "\"status\":\"PUBLISH_COMPLETE\",\"fail_reason\":\"x\"")
			.fail_reason,
		"");
}

static void a_status_without_its_word_is_not_understood(void **state)
{
	(void)state;
	assert_answer(STATUS, 200, "{\"data\":{\"uploaded_bytes\":5}," OK_ERROR "}", STATUS_RETRY,
		      "internal_error");
	assert_answer(STATUS, 200, "{\"data\":{\"status\":\"\"}," OK_ERROR "}", STATUS_RETRY,
		      "internal_error");
	assert_answer(STATUS, 200, "{\"data\":{\"status\":5}," OK_ERROR "}", STATUS_RETRY,
		      "internal_error");
	assert_answer(STATUS, 400, "{\"data\":{},\"error\":{\"code\":\"invalid_publish_id\"}}",
		      STATUS_REFUSED, "invalid_publish_id");
	assert_answer(STATUS, 400,
		      "{\"error\":{\"code\":\"token_not_authorized_for_specified_publish_id\"}}",
		      STATUS_REFUSED, "token_not_authorized_for_specified_publish_id");
}

#define COMPLETE_WITH "\"status\":\"PUBLISH_COMPLETE\",\"publicaly_available_post_id\":"

/* 2^53 + 1 is the first whole number that a double cannot hold. */
static void ids_stay_exact_as_numbers_and_as_text(void **state)
{
	(void)state;
	static const char *const ids[] = { "1",
					   "9007199254740993",
					   "7000000000000000001",
					   "7512345678901234567",
					   "9223372036854775807",
					   "9223372036854775808",
					   "18446744073709551614" };
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		CLEANUP(arena) struct arena arena = { 0 };
		struct tiktok_status status = status_of(
			&arena, arena_printf(&arena, COMPLETE_WITH "[%s,\"%s\"]", ids[i], ids[i]));
		assert_int_equal(status.public_id_count, 2);
		assert_string_equal(status.public_ids[0], ids[i]);
		assert_string_equal(status.public_ids[1], ids[i]);
	}
}

static void what_is_no_id_is_skipped(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_status status = status_of(
		&arena, COMPLETE_WITH
		"[0,-5,7.0e18,1.5,null,true,\"\",\"-5\",\"12a\",\"a12\",\" 12\",\"1\\u00002\","
		"\"12345678901234567890123456789012\",{\"id\":1},[1],"
		"99999999999999999999999999,7000000000000000001]");
	assert_int_equal(status.public_id_count, 1);
	assert_string_equal(status.public_ids[0], "7000000000000000001");
	assert_int_equal(status_of(&arena, COMPLETE_WITH "null").public_id_count, 0);
	assert_int_equal(status_of(&arena, COMPLETE_WITH "7000000000000000001").public_id_count, 0);
	assert_int_equal(status_of(&arena, COMPLETE_WITH "[]").public_id_count, 0);
}

static void a_list_of_ids_is_bounded(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *ids = "1";
	for (int i = 0; i < 500; i++)
		ids = arena_printf(&arena, "%s,1", ids);
	assert_int_equal(
		status_of(&arena, arena_printf(&arena, COMPLETE_WITH "[%s]", ids)).public_id_count,
		64);
}

static void progress_is_a_count_or_not_told(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t bytes;
	} cases[] = {
		{ "0", 0 },	{ "4000000000", 4000000000 },
		{ "-1", -1 },	{ "null", -1 },
		{ "1.5", -1 },	{ "\"10\"", -1 },
		{ "true", -1 }, { "99999999999999999999999", -1 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(arena) struct arena arena = { 0 };
		const char *data = arena_printf(
			&arena, "\"status\":\"PROCESSING_UPLOAD\",\"uploaded_bytes\":%s",
			cases[i].text);
		assert_int_equal(status_of(&arena, data).uploaded_bytes, cases[i].bytes);
		assert_int_equal(status_of(&arena, data).downloaded_bytes, -1);
		data = arena_printf(&arena,
				    "\"status\":\"PROCESSING_DOWNLOAD\",\"downloaded_bytes\":%s",
				    cases[i].text);
		assert_int_equal(status_of(&arena, data).downloaded_bytes, cases[i].bytes);
		assert_int_equal(status_of(&arena, data).uploaded_bytes, -1);
	}
}

static struct tiktok_video_list videos_of(struct arena *arena, const char *videos)
{
	struct tiktok_video_list list;
	struct tiktok_error error;
	struct http_answer answer = answer_of(
		arena, 200,
		arena_printf(arena,
			     "{\"data\":{\"videos\":[%s],\"cursor\":1,\"has_more\":false}," OK_ERROR
			     "}",
			     videos));
	assert_status(tiktok_video_list_parse(arena, &answer, &list, &error), STATUS_OK);
	assert_string_equal(error.code, "ok");
	return list;
}

static void videos_are_listed_with_what_tells_them_apart(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_video_list list = videos_of(
		&arena,
		"{\"id\":\"7512345678901234567\",\"create_time\":1795000000,"
		"\"video_description\":\"Grüße 🎬\\n#tag\",\"title\":\"Grüße\",\"share_url\":"
		"\"https://www.tiktok.com/@sample/video/7512345678901234567?utm_source=x\"},"
		"{\"id\":9007199254740993,\"create_time\":1}");
	assert_int_equal(list.count, 2);
	assert_string_equal(list.videos[0].id, "7512345678901234567");
	assert_int_equal(list.videos[0].create_time, 1795000000);
	assert_string_equal(list.videos[0].description, "Grüße 🎬\n#tag");
	assert_string_equal(list.videos[0].title, "Grüße");
	assert_string_equal(list.videos[0].share_url, "https://www.tiktok.com/@sample/video/"
						      "7512345678901234567?utm_source=x");
	/* A number stays as exact as text; what is not sent is empty. */
	assert_string_equal(list.videos[1].id, "9007199254740993");
	assert_string_equal(list.videos[1].description, "");
	assert_string_equal(list.videos[1].title, "");
	assert_string_equal(list.videos[1].share_url, "");
	assert_int_equal(videos_of(&arena, "").count, 0);
}

static void what_is_no_video_is_left_out(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_video_list list = videos_of(
		&arena,
		"null,7,\"7\",[],{},{\"id\":\"7\"},{\"create_time\":1},"
		"{\"id\":\"7\",\"create_time\":0},{\"id\":\"7\",\"create_time\":-1},"
		"{\"id\":\"7\",\"create_time\":\"1\"},{\"id\":\"7\",\"create_time\":1.5},"
		"{\"id\":\"7\",\"create_time\":99999999999999999999},"
		"{\"id\":\"\",\"create_time\":1},{\"id\":\"7a\",\"create_time\":1},"
		"{\"id\":\"../7\",\"create_time\":1},{\"id\":-7,\"create_time\":1},"
		"{\"id\":7.0e18,\"create_time\":1},{\"id\":null,\"create_time\":1},"
		"{\"id\":\"7\\u00008\",\"create_time\":1},{\"id\":[\"7\"],\"create_time\":1},"
		"{\"id\":\"8\",\"create_time\":1}");
	assert_int_equal(list.count, 1);
	assert_string_equal(list.videos[0].id, "8");
}

/* Else a post without a caption would take it for its own. */
static void a_description_that_cannot_be_read_is_not_empty(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	char *longest = arena_alloc(&arena, 9001);
	memset(longest, 'x', 9000);
	const char *const texts[] = { "7",
				      "{}",
				      "[]",
				      "true",
				      "\"a\\u0000b\"",
				      "\"\\u0000\"",
				      arena_printf(&arena, "\"%s\"", longest) };
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct tiktok_video_list list =
			videos_of(&arena, arena_printf(&arena,
						       "{\"id\":\"7\",\"create_time\":1,"
						       "\"video_description\":%s}",
						       texts[i]));
		assert_int_equal(list.count, 1);
		assert_string_equal(list.videos[0].description, "\xef\xbf\xbd");
	}
	/* Not sent is empty; so is null. */
	assert_string_equal(videos_of(&arena, "{\"id\":\"7\",\"create_time\":1,"
					      "\"video_description\":null}")
				    .videos[0]
				    .description,
			    "");
}

static void a_link_leads_to_tiktok_or_nowhere(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const char *const bad[] = {
		"http://www.tiktok.com/@a/video/7",
		"https://www.tiktok.com.evil.example/",
		"https://www.tiktok.com@evil.example/",
		"javascript:alert(1)",
		"https://evil.example/https://www.tiktok.com/",
		"https://www.tiktok.com/\\nX: y",
		"//www.tiktok.com/@a/video/7",
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct tiktok_video_list list = videos_of(
			&arena, arena_printf(&arena,
					     "{\"id\":\"7\",\"create_time\":1,\"share_url\":"
					     "\"%s\"}",
					     bad[i]));
		assert_string_equal(list.videos[0].share_url, "");
	}
}

static void a_list_of_videos_is_bounded(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *videos = "{\"id\":\"7\",\"create_time\":1}";
	for (int i = 0; i < 9; i++)
		videos = arena_printf(&arena, "%s,%s", videos, videos);
	assert_int_equal(videos_of(&arena, videos).count, 64);
	assert_answer(VIDEOS, 200, "{\"data\":{\"videos\":{}}," OK_ERROR "}", STATUS_RETRY,
		      "internal_error");
	assert_answer(VIDEOS, 401, "{\"error\":{\"code\":\"scope_not_authorized\"}}",
		      STATUS_REFUSED, "scope_not_authorized");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_may_lack_anything),
		cmocka_unit_test(creator_info_is_read),
		cmocka_unit_test(creator_info_keeps_unknown_options_and_skips_what_is_none),
		cmocka_unit_test(a_list_of_options_is_bounded),
		cmocka_unit_test(init_gives_id_and_address),
		cmocka_unit_test(init_without_id_or_address_is_not_understood),
		cmocka_unit_test(a_pull_needs_only_its_id),
		cmocka_unit_test(init_tells_every_documented_refusal),
		cmocka_unit_test(every_status_word_is_known),
		cmocka_unit_test(a_failure_has_its_reason_verbatim),
		cmocka_unit_test(a_status_without_its_word_is_not_understood),
		cmocka_unit_test(ids_stay_exact_as_numbers_and_as_text),
		cmocka_unit_test(what_is_no_id_is_skipped),
		cmocka_unit_test(a_list_of_ids_is_bounded),
		cmocka_unit_test(progress_is_a_count_or_not_told),
		cmocka_unit_test(videos_are_listed_with_what_tells_them_apart),
		cmocka_unit_test(what_is_no_video_is_left_out),
		cmocka_unit_test(a_description_that_cannot_be_read_is_not_empty),
		cmocka_unit_test(a_link_leads_to_tiktok_or_nowhere),
		cmocka_unit_test(a_list_of_videos_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
