/* Every failure of connecting has words of its own, and none of them come from outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/status.h"
#include "web/oauth_words.h"

static void every_documented_code_has_words(void **state)
{
	static const char *const codes[] = {
		"access_denied",
		"invalid_client",
		"invalid_grant",
		"invalid_request",
		"invalid_scope",
		"unauthorized_client",
		"unsupported_grant_type",
		"unsupported_response_type",
		"server_error",
		"temporarily_unavailable",
		"rate_limit_exceeded",
		"non_sandbox_target",
		"no_answer",
		"bad_state",
		"no_code",
		"session_changed",
		"not_stored",
		"other_user",
		"other_account",
		"ending",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		const struct oauth_words *words = oauth_words(codes[i]);
		assert_string_equal(words->code, codes[i]);
		assert_in_range(words->http_status, 400, 503);
		assert_true(strlen(words->heading) > 0 && strlen(words->cause) > 0);
		assert_true(strlen(words->advice) > 0);
	}
}

static void an_unknown_code_gets_general_words(void **state)
{
	(void)state;
	assert_string_equal(oauth_words("<script>")->code, "unknown_error");
	assert_string_equal(oauth_words("")->code, "unknown_error");
	assert_string_equal(oauth_words_of_consent("new_error", NULL)->code, "unknown_error");
}

static void a_denial_is_told_apart_by_its_type(void **state)
{
	(void)state;
	assert_string_equal(oauth_words_of_consent("access_denied", NULL)->code, "access_denied");
	assert_string_equal(oauth_words_of_consent("access_denied", "other")->code,
			    "access_denied");
	assert_string_equal(oauth_words_of_consent("access_denied", "non_sandbox_target")->code,
			    "non_sandbox_target");
	assert_string_equal(oauth_words_of_consent("unauthorized_client", "client_key")->code,
			    "unauthorized_client");
	assert_string_equal(oauth_words_of_consent("server_error", "non_sandbox_target")->code,
			    "server_error");
}

static void what_only_the_operator_can_mend_offers_no_new_try(void **state)
{
	static const char *const codes[] = { "invalid_client", "invalid_scope", "invalid_request",
					     "unauthorized_client", "other_user" };
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		assert_null(oauth_words(codes[i])->retry);
	assert_non_null(oauth_words("access_denied")->retry);
	assert_non_null(oauth_words("other_account")->retry);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_documented_code_has_words),
		cmocka_unit_test(an_unknown_code_gets_general_words),
		cmocka_unit_test(a_denial_is_told_apart_by_its_type),
		cmocka_unit_test(what_only_the_operator_can_mend_offers_no_new_try),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
