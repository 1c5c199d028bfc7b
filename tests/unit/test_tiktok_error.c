/* Every code of the reference has its class (3.9), and words that fit it. tiktok_codes.txt is the list. */
#include "unit.h"

#include "base/words.h"
#include "remote/tiktok_error.h"

static const struct {
	const char *code;
	enum tiktok_class class;
} codes[] = {
	{ "ok", TIKTOK_FINE },

	/* callback, 1.4 */
	{ "non_sandbox_target", TIKTOK_OPERATOR },
	{ "client_key", TIKTOK_OPERATOR },

	/* OAuth, 1.10 */
	{ "access_denied", TIKTOK_RECONNECT },
	{ "invalid_client", TIKTOK_OPERATOR },
	{ "invalid_grant", TIKTOK_RECONNECT },
	{ "invalid_request", TIKTOK_OPERATOR },
	{ "invalid_scope", TIKTOK_OPERATOR },
	{ "unauthorized_client", TIKTOK_OPERATOR },
	{ "unsupported_grant_type", TIKTOK_OPERATOR },
	{ "unsupported_response_type", TIKTOK_OPERATOR },
	{ "server_error", TIKTOK_RETRY },
	{ "temporarily_unavailable", TIKTOK_RETRY },

	/* any call, 1.10 */
	{ "access_token_invalid", TIKTOK_REFRESH },
	{ "scope_not_authorized", TIKTOK_RECONNECT },
	{ "scope_permission_missed", TIKTOK_RECONNECT },
	{ "invalid_params", TIKTOK_PERMANENT },
	{ "invalid_param", TIKTOK_PERMANENT },
	{ "invalid_file_upload", TIKTOK_PERMANENT },
	{ "rate_limit_exceeded", TIKTOK_WAIT },
	{ "internal_error", TIKTOK_RETRY },

	/* posting, 3.1-3.4 */
	{ "spam_risk_too_many_posts", TIKTOK_WAIT },
	{ "spam_risk_user_banned_from_posting", TIKTOK_PERMANENT },
	{ "reached_active_user_cap", TIKTOK_WAIT },
	{ "unaudited_client_can_only_post_to_private_accounts", TIKTOK_USER },
	{ "url_ownership_unverified", TIKTOK_OPERATOR },
	{ "privacy_level_option_mismatch", TIKTOK_USER },
	{ "spam_risk_too_many_pending_share", TIKTOK_WAIT },
	{ "app_version_check_failed", TIKTOK_USER },

	/* status and cancel, 3.7, 3.8 */
	{ "invalid_publish_id", TIKTOK_PERMANENT },
	{ "token_not_authorized_for_specified_publish_id", TIKTOK_PERMANENT },
	{ "publish_not_cancellable", TIKTOK_PERMANENT },

	/* fail_reason, 3.7 */
	{ "file_format_check_failed", TIKTOK_USER },
	{ "duration_check_failed", TIKTOK_USER },
	{ "frame_rate_check_failed", TIKTOK_USER },
	{ "picture_size_check_failed", TIKTOK_USER },
	{ "internal", TIKTOK_RETRY },
	{ "video_pull_failed", TIKTOK_RETRY },
	{ "photo_pull_failed", TIKTOK_RETRY },
	{ "publish_cancelled", TIKTOK_PERMANENT },
	{ "auth_removed", TIKTOK_RECONNECT },
	{ "spam_risk_text", TIKTOK_USER },
	{ "spam_risk", TIKTOK_PERMANENT },
};

static void every_code_has_its_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		const struct tiktok_meaning *meaning = tiktok_meaning(codes[i].code);
		assert_string_equal(meaning->code, codes[i].code);
		if (meaning->class != codes[i].class)
			fail_msg("%s has class %d", codes[i].code, (int)meaning->class);
	}
}

static void the_words_are_those_of_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		const struct tiktok_meaning *meaning = tiktok_meaning(codes[i].code);
		const struct words *words = words_find(codes[i].code);
		assert_ptr_not_equal(words, &words_unknown);
		assert_string_equal(meaning->cause, words->cause.en);
		assert_string_equal(meaning->remedy_code, words->remedy_code);
		assert_string_equal(meaning->remedy, words->next.en);
	}
}

static void who_can_help_fits_the_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		enum words_who who = words_find(codes[i].code)->who;
		if (codes[i].class == TIKTOK_RECONNECT || codes[i].class == TIKTOK_REFRESH ||
		    codes[i].class == TIKTOK_USER)
			assert_int_equal(who, WORDS_CREATOR);
		if (codes[i].class == TIKTOK_OPERATOR)
			assert_int_equal(who, WORDS_OPERATOR);
	}
}

static void the_remedy_fits_the_class(void **state)
{
	(void)state;
	for (size_t i = 1; i < ARRAY_SIZE(codes); i++) {
		const struct tiktok_meaning *meaning = tiktok_meaning(codes[i].code);
		if (meaning->class == TIKTOK_RECONNECT || meaning->class == TIKTOK_REFRESH)
			assert_string_equal(meaning->remedy_code, "reconnect");
		if (meaning->class == TIKTOK_RETRY)
			assert_string_equal(meaning->remedy_code, "automatic");
		if (meaning->class == TIKTOK_OPERATOR)
			assert_string_equal(meaning->remedy_code, "operator");
		/* Who must act is not told to lean back. */
		if (meaning->class == TIKTOK_USER || meaning->class == TIKTOK_PERMANENT)
			assert_string_not_equal(meaning->remedy_code, "automatic");
	}
}

static void only_limits_are_waited_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		const struct tiktok_meaning *meaning = tiktok_meaning(codes[i].code);
		if (meaning->class == TIKTOK_WAIT)
			assert_true(meaning->wait_seconds >= 60);
		else
			assert_int_equal(meaning->wait_seconds, 0);
	}
	assert_int_equal(tiktok_meaning("rate_limit_exceeded")->wait_seconds, 60);
	assert_true(tiktok_meaning("spam_risk_too_many_posts")->wait_seconds >= 3600);
	assert_true(tiktok_meaning("reached_active_user_cap")->wait_seconds >= 3600);
}

static void singular_and_plural_are_one(void **state)
{
	(void)state;
	const struct tiktok_meaning *one = tiktok_meaning("invalid_param");
	const struct tiktok_meaning *many = tiktok_meaning("invalid_params");
	assert_int_equal(one->class, many->class);
	assert_string_equal(one->cause, many->cause);
	assert_string_equal(one->remedy, many->remedy);
}

static void an_unknown_code_stops_safely(void **state)
{
	(void)state;
	static const char *const unknown[] = {
		"",	   "something_new",    "OK",   "ok ",
		" ok",	   "spam_risk_",       "spam", "Internal_error",
		"unknown", "internal_error\n", "%s%n"
	};
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
		const struct tiktok_meaning *meaning = tiktok_meaning(unknown[i]);
		assert_int_equal(meaning->class, TIKTOK_UNKNOWN);
		assert_true(meaning->cause[0] && meaning->remedy[0] && meaning->remedy_code[0]);
	}
	assert_int_equal(tiktok_meaning(NULL)->class, TIKTOK_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_its_class),
		cmocka_unit_test(the_words_are_those_of_the_table),
		cmocka_unit_test(who_can_help_fits_the_class),
		cmocka_unit_test(the_remedy_fits_the_class),
		cmocka_unit_test(only_limits_are_waited_for),
		cmocka_unit_test(singular_and_plural_are_one),
		cmocka_unit_test(an_unknown_code_stops_safely),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
