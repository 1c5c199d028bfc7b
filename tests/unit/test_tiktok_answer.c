/* TikTok's answers: both error shapes, tokens, and everything that is no answer. */
#include "unit.h"

#include "tiktok_answer.h"

/* What cannot be understood is TikTok's trouble, for every parser and whatever the HTTP status. */
static void what_is_no_answer_is_not_understood(void **state)
{
	(void)state;
	static const char *const bodies[] = {
		"<html><body>geheim 502 Bad Gateway</body></html>",
		"<!DOCTYPE html>",
		"geheim",
		"{",
		"{\"data\":{\"publish_id\":\"geheim",
		"[]",
		"null",
		"\"ok\"",
		"true",
		"200",
		" ",
		"{} {}",
		"{\"error\":{\"code\":\"ok\"},\"error\":{\"code\":\"ok\"}}",
		"{\"data\":{},\"error\":{\"code\":\"o\xff\"}}",
		"{'error':{'code':'ok'}}",
		"{\"error\":{\"code\":NaN}}",
	};
	static const long statuses[] = { 200, 204, 301, 400, 403, 404, 429, 500, 502, 503 };
	for (int kind = 0; kind < KINDS; kind++) {
		for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
			for (size_t j = 0; j < ARRAY_SIZE(statuses); j++)
				assert_answer((enum kind)kind, statuses[j], bodies[i], STATUS_RETRY,
					      "internal_error");
		}
		/* An empty body says yes only to a revocation. */
		if (kind != REVOKE)
			assert_answer((enum kind)kind, 200, "", STATUS_RETRY, "internal_error");
		assert_answer((enum kind)kind, 500, "", STATUS_RETRY, "internal_error");
	}
}

static void an_answer_too_deep_is_not_understood(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	char *deep = arena_alloc(&arena, 200001);
	memset(deep, '[', 200000);
	for (int kind = 0; kind < KINDS; kind++)
		assert_answer((enum kind)kind, 200, deep, STATUS_RETRY, "internal_error");
}

static void wrapped_errors_are_told_by_their_code(void **state)
{
	(void)state;
	for (int kind = CANCEL; kind < KINDS; kind++) {
		enum kind k = (enum kind)kind;
		assert_answer(k, 401,
			      "{\"data\":{},\"error\":{\"code\":\"access_token_invalid\","
			      "\"message\":\"m\","
			      "\"log_id\":\"l\"}}",
			      STATUS_REFUSED, "access_token_invalid");
		assert_answer(k, 429, "{\"error\":{\"code\":\"rate_limit_exceeded\"}}",
			      STATUS_REFUSED, "rate_limit_exceeded");
		/* The general error page shows the members without the wrapper. */
		assert_answer(k, 401, "{\"code\":\"scope_not_authorized\",\"message\":\"m\"}",
			      STATUS_REFUSED, "scope_not_authorized");
		/* HTTP 200 is no success: only "ok" is. */
		assert_answer(k, 200,
			      "{\"data\":{},\"error\":{\"code\":\"spam_risk_too_many_posts\"}}",
			      STATUS_REFUSED, "spam_risk_too_many_posts");
		assert_answer(
			k, 200,
			"{\"data\":{},\"error\":{\"code\":\"spam_risk_user_banned_from_posting\"}}",
			STATUS_REFUSED, "spam_risk_user_banned_from_posting");
		assert_answer(k, 200,
			      "{\"data\":null,\"error\":{\"code\":\"reached_active_user_cap\"}}",
			      STATUS_REFUSED, "reached_active_user_cap");
		assert_answer(k, 500, "{\"data\":{},\"error\":{\"code\":\"internal_error\"}}",
			      STATUS_RETRY, "internal_error");
		assert_answer(k, 503, "{\"data\":{},\"error\":{\"code\":\"whatever\"}}",
			      STATUS_RETRY, "whatever");
	}
}

static void an_unknown_code_is_kept_verbatim(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct http_answer answer =
		answer_of(&arena, 403, "{\"data\":{},\"error\":{\"code\":\"something_new 😀\"}}");
	struct tiktok_error error = { 0 };
	assert_status(parse_as(&arena, INIT, &answer, &error), STATUS_REFUSED);
	assert_string_equal(error.code, "something_new 😀");
	assert_int_equal(error.meaning->class, TIKTOK_UNKNOWN);
}

/* It goes to the database: it must stay valid text where it is cut. */
static void a_long_code_is_cut_between_characters(void **state)
{
	(void)state;
	for (size_t before = 250; before < 258; before++) {
		CLEANUP(arena) struct arena arena = { 0 };
		char *code = arena_alloc(&arena, 400);
		memset(code, 'x', before);
		memcpy(code + before, "😀😀", strlen("😀😀"));
		struct http_answer answer = answer_of(
			&arena, 403, arena_printf(&arena, "{\"error\":{\"code\":\"%s\"}}", code));
		struct tiktok_error error = { 0 };
		assert_status(parse_as(&arena, INIT, &answer, &error), STATUS_REFUSED);
		size_t length = strlen(error.code);
		assert_true(length <= 256 && length > 252);
		assert_memory_equal(error.code, code, length);
		assert_true(length <= before || (length - before) % 4 == 0);
	}
}

static void the_log_id_comes_from_the_body_or_the_header(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_error error = { 0 };
	struct http_answer answer =
		answer_of(&arena, 401,
			  "{\"error\":{\"code\":\"access_token_invalid\",\"log_id\":\"of-body\"}}");
	answer.log_id = "of-header";
	assert_status(parse_as(&arena, STATUS, &answer, &error), STATUS_REFUSED);
	assert_string_equal(error.log_id, "of-body");
	answer = answer_of(&arena, 401, "{\"error\":{\"code\":\"access_token_invalid\"}}");
	answer.log_id = "of-header";
	assert_status(parse_as(&arena, STATUS, &answer, &error), STATUS_REFUSED);
	assert_string_equal(error.log_id, "of-header");
	answer.log_id = NULL;
	assert_status(parse_as(&arena, STATUS, &answer, &error), STATUS_REFUSED);
	assert_null(error.log_id);
	answer = answer_of(&arena, 400, "{\"error\":\"invalid_grant\",\"log_id\":\"flat\"}");
	assert_status(parse_as(&arena, TOKENS, &answer, &error), STATUS_REFUSED);
	assert_string_equal(error.log_id, "flat");
	answer = answer_of(&arena, 502, "<html>");
	answer.log_id = "of-header";
	assert_status(parse_as(&arena, TOKENS, &answer, &error), STATUS_RETRY);
	assert_string_equal(error.log_id, "of-header");
}

static void ok_without_data_is_not_understood(void **state)
{
	(void)state;
	for (int kind = USER; kind < KINDS; kind++) {
		enum kind k = (enum kind)kind;
		assert_answer(k, 200, "{" OK_ERROR "}", STATUS_RETRY, "internal_error");
		assert_answer(k, 200, "{\"data\":null," OK_ERROR "}", STATUS_RETRY,
			      "internal_error");
		assert_answer(k, 200, "{\"data\":{}," OK_ERROR "}", STATUS_RETRY, "internal_error");
		assert_answer(k, 200, "{\"data\":[]," OK_ERROR "}", STATUS_RETRY, "internal_error");
		assert_answer(k, 200, "{\"data\":\"\"," OK_ERROR "}", STATUS_RETRY,
			      "internal_error");
	}
}

static void data_without_ok_is_not_understood(void **state)
{
	(void)state;
#define DATA                                                                                       \
	"\"data\":{\"status\":\"PUBLISH_COMPLETE\",\"publish_id\":\"p\",\"upload_url\":\"https://" \
	"u\","                                                                                     \
	"\"user\":{},\"privacy_level_options\":[],\"videos\":[]}"
	for (int kind = USER; kind < KINDS; kind++) {
		enum kind k = (enum kind)kind;
		assert_answer(k, 200, "{" DATA "}", STATUS_RETRY, "internal_error");
		assert_answer(k, 200, "{" DATA ",\"error\":{}}", STATUS_RETRY, "internal_error");
		assert_answer(k, 200, "{" DATA ",\"error\":null}", STATUS_RETRY, "internal_error");
		assert_answer(k, 200, "{" DATA ",\"error\":{\"code\":0}}", STATUS_RETRY,
			      "internal_error");
		assert_answer(k, 200, "{" DATA ",\"error\":{\"code\":\"\"}}", STATUS_REFUSED, "");
		assert_answer(k, 200, "{" DATA ",\"error\":{\"code\":\"OK\"}}", STATUS_REFUSED,
			      "OK");
		/* With another HTTP status "ok" means nothing. */
		assert_answer(k, 500, "{" DATA "," OK_ERROR "}", STATUS_RETRY, "internal_error");
		assert_answer(k, 201, "{" DATA "," OK_ERROR "}", STATUS_RETRY, "internal_error");
		assert_answer(k, 200, "{" DATA "," OK_ERROR "}", STATUS_OK, "ok");
	}
#undef DATA
}

#define ACCESS	"\"access_token\":\"act.geheim!4567.va\""
#define REFRESH "\"refresh_token\":\"rft.geheim!4567.va\""
#define LIVES	"\"expires_in\":86400,\"refresh_expires_in\":31536000"
#define OPEN_ID "\"open_id\":\"-000exampleOpenId01\""
#define SCOPE	"\"scope\":\"user.info.basic,video.publish\",\"token_type\":\"Bearer\""

static void tokens_are_taken_as_they_come(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct http_answer answer =
		answer_of(&arena, 200, "{" ACCESS "," LIVES "," OPEN_ID "," REFRESH "," SCOPE "}");
	struct tiktok_tokens tokens;
	struct tiktok_error error;
	assert_status(tiktok_tokens_parse(&arena, &answer, &tokens, &error), STATUS_OK);
	assert_string_equal(error.code, "ok");
	assert_string_equal(tokens.access_token.bytes, "act.geheim!4567.va");
	assert_int_equal(tokens.access_token.length, 18);
	assert_string_equal(tokens.refresh_token.bytes, "rft.geheim!4567.va");
	assert_int_equal(tokens.refresh_token.length, 18);
	/* Its first character is part of it. */
	assert_string_equal(tokens.open_id, "-000exampleOpenId01");
	assert_string_equal(tokens.scope, "user.info.basic,video.publish");
	assert_int_equal(tokens.expires_in, 86400);
	assert_int_equal(tokens.refresh_expires_in, 31536000);
}

static void long_tokens_are_not_cut(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	char *token = arena_alloc(&arena, 8194);
	memset(token, 't', 8192);
	struct tiktok_tokens tokens;
	struct tiktok_error error;
	struct http_answer answer =
		answer_of(&arena, 200,
			  arena_printf(&arena,
				       "{\"access_token\":\"%s\",\"refresh_token\":\"%s\"," LIVES
				       "," OPEN_ID "}",
				       token, token));
	assert_status(tiktok_tokens_parse(&arena, &answer, &tokens, &error), STATUS_OK);
	assert_string_equal(tokens.access_token.bytes, token);
	assert_string_equal(tokens.refresh_token.bytes, token);
	assert_string_equal(tokens.scope, "");
	token[8192] = 't';
	assert_answer(TOKENS, 200,
		      arena_printf(&arena,
				   "{" ACCESS ",\"refresh_token\":\"%s\"," LIVES "," OPEN_ID "}",
				   token),
		      STATUS_REFUSED, "invalid_client");
}

/* Above all no missing refresh token, which would replace the one that is stored. */
static void incomplete_tokens_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"{}",
		"{" LIVES "," OPEN_ID "," SCOPE "}",
		"{" ACCESS "," LIVES "," OPEN_ID "," SCOPE "}",
		"{" ACCESS ",\"refresh_token\":\"\"," LIVES "," OPEN_ID "," SCOPE "}",
		"{" ACCESS ",\"refresh_token\":null," LIVES "," OPEN_ID "," SCOPE "}",
		"{" ACCESS ",\"refresh_token\":7," LIVES "," OPEN_ID "," SCOPE "}",
		"{" ACCESS ",\"refresh_token\":\"a\\u0000b\"," LIVES "," OPEN_ID "," SCOPE "}",
		"{" ACCESS ",\"refresh_token\":\"a\\nb\"," LIVES "," OPEN_ID "," SCOPE "}",
		"{" REFRESH "," LIVES "," OPEN_ID "," SCOPE "}",
		"{" REFRESH ",\"access_token\":\"\"," LIVES "," OPEN_ID "," SCOPE "}",
		"{" REFRESH ",\"access_token\":\"a\\r\\nX: y\"," LIVES "," OPEN_ID "," SCOPE "}",
		"{" ACCESS "," REFRESH "," LIVES "," SCOPE "}",
		"{" ACCESS "," REFRESH "," LIVES ",\"open_id\":\"\"," SCOPE "}",
		"{" ACCESS "," REFRESH "," LIVES ",\"open_id\":\"a\\u0001\"," SCOPE "}",
		"{" ACCESS "," REFRESH "," OPEN_ID "," SCOPE "}",
		"{" ACCESS "," REFRESH "," OPEN_ID ",\"expires_in\":86400}",
		"{" ACCESS "," REFRESH "," OPEN_ID ",\"expires_in\":0,\"refresh_expires_in\":1}",
		"{" ACCESS "," REFRESH "," OPEN_ID ",\"expires_in\":1,\"refresh_expires_in\":0}",
		"{" ACCESS "," REFRESH "," OPEN_ID ",\"expires_in\":-5,\"refresh_expires_in\":1}",
		"{" ACCESS "," REFRESH "," OPEN_ID
		",\"expires_in\":\"86400\",\"refresh_expires_in\":1}",
		"{" ACCESS "," REFRESH "," OPEN_ID ",\"expires_in\":1.5,\"refresh_expires_in\":1}",
		"{" ACCESS "," REFRESH "," OPEN_ID
		",\"expires_in\":99999999999,\"refresh_expires_in\":1}",
		"{" ACCESS "," REFRESH "," OPEN_ID
		",\"expires_in\":1,\"refresh_expires_in\":99999999999999999999999}",
		"{\"data\":{" ACCESS "," REFRESH "," LIVES "," OPEN_ID "}," OK_ERROR "}",
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_answer(TOKENS, 200, bad[i], STATUS_REFUSED, "invalid_client");
}

static void flat_errors_are_told_by_their_code(void **state)
{
	(void)state;
	static const enum kind kinds[] = { TOKENS, REVOKE };
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		static const char flat[] =
			"{\"error\":\"invalid_grant\",\"error_description\":\"geheim\","
			"\"log_id\":\"l\"}";
		/* The HTTP status of OAuth errors is not documented: also 200 is one. */
		assert_answer(kinds[i], 400, flat, STATUS_REFUSED, "invalid_grant");
		assert_answer(kinds[i], 401, flat, STATUS_REFUSED, "invalid_grant");
		assert_answer(kinds[i], 200, flat, STATUS_REFUSED, "invalid_grant");
		assert_answer(kinds[i], 500, "{\"error\":\"server_error\"}", STATUS_RETRY,
			      "server_error");
		assert_answer(kinds[i], 503, "{\"error\":\"temporarily_unavailable\"}",
			      STATUS_RETRY, "temporarily_unavailable");
		assert_answer(kinds[i], 200, "{\"error\":\"brand_new\"}", STATUS_REFUSED,
			      "brand_new");
		assert_answer(kinds[i], 400, "{\"error\":\"\"}", STATUS_REFUSED, "");
		/* The other shape is understood as well. */
		assert_answer(kinds[i], 429,
			      "{\"data\":{},\"error\":{\"code\":\"rate_limit_exceeded\"}}",
			      STATUS_REFUSED, "rate_limit_exceeded");
		assert_answer(kinds[i], 200, "{\"error\":{\"code\":\"access_token_invalid\"}}",
			      STATUS_REFUSED, "access_token_invalid");
		assert_answer(kinds[i], 403, "{}", STATUS_RETRY, "internal_error");
	}
	/* An error beside tokens is an error. */
	assert_answer(TOKENS, 200,
		      "{" ACCESS "," REFRESH "," LIVES "," OPEN_ID ",\"error\":\"invalid_scope\"}",
		      STATUS_REFUSED, "invalid_scope");
	/* Tokens with another HTTP status are none. */
	assert_answer(TOKENS, 500, "{" ACCESS "," REFRESH "," LIVES "," OPEN_ID "}", STATUS_RETRY,
		      "internal_error");
}

static void a_revocation_succeeds_with_nothing_or_an_empty_object(void **state)
{
	(void)state;
	assert_answer(REVOKE, 200, "", STATUS_OK, "ok");
	assert_answer(REVOKE, 200, "{}", STATUS_OK, "ok");
	assert_answer(REVOKE, 200, "{" OK_ERROR "}", STATUS_OK, "ok");
	assert_answer(REVOKE, 204, "", STATUS_RETRY, "internal_error");
	assert_answer(REVOKE, 404, "", STATUS_RETRY, "internal_error");
}

static void a_cancellation_succeeds_by_its_code_alone(void **state)
{
	(void)state;
	assert_answer(CANCEL, 200, "{" OK_ERROR "}", STATUS_OK, "ok");
	assert_answer(CANCEL, 200, "{\"data\":{}," OK_ERROR "}", STATUS_OK, "ok");
	assert_answer(CANCEL, 200, "{\"data\":null," OK_ERROR "}", STATUS_OK, "ok");
	assert_answer(CANCEL, 202, "{" OK_ERROR "}", STATUS_RETRY, "internal_error");
	assert_answer(CANCEL, 200, "{}", STATUS_RETRY, "internal_error");
	assert_answer(CANCEL, 200, "{\"code\":\"ok\"}", STATUS_RETRY, "internal_error");
	assert_answer(CANCEL, 200, "{\"data\":{},\"error\":{}}", STATUS_RETRY, "internal_error");
	assert_answer(CANCEL, 400, "{\"error\":{\"code\":\"publish_not_cancellable\"}}",
		      STATUS_REFUSED, "publish_not_cancellable");
	assert_answer(CANCEL, 400, "{\"error\":{\"code\":\"invalid_publish_id\"}}", STATUS_REFUSED,
		      "invalid_publish_id");
}

/* A connection that broke off in the middle of an answer: no cut of it may pass for one. */
static void every_cut_of_an_answer_is_not_understood(void **state)
{
	(void)state;
	static const struct {
		enum kind kind;
		const char *body;
	} answers[] = {
		{ TOKENS, "{" ACCESS "," LIVES "," OPEN_ID "," REFRESH "," SCOPE "}" },
		{ INIT,
		  "{\"data\":{\"publish_id\":\"p\",\"upload_url\":\"https://u\"}," OK_ERROR "}" },
		{ STATUS, "{\"data\":{"
			  "\"status\":\"PUBLISH_COMPLETE\"}," OK_ERROR "}" },
		{ CREATOR, "{\"data\":{\"privacy_level_options\":[\"SELF_ONLY\"]}," OK_ERROR "}" },
		{ USER, "{\"data\":{\"user\":{\"open_id\":\"o\"}}," OK_ERROR "}" },
		{ REVOKE, "{\"error\":\"invalid_grant\"}" },
		{ PULL, "{\"data\":{\"publish_id\":\"p\"}," OK_ERROR "}" },
		{ CANCEL, "{" OK_ERROR "}" },
		{ VIDEOS,
		  "{\"data\":{\"videos\":[{\"id\":\"7\",\"create_time\":1}]}," OK_ERROR "}" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		for (size_t length = 1; length < strlen(answers[i].body); length++) {
			CLEANUP(arena) struct arena arena = { 0 };
			assert_answer(answers[i].kind, 200,
				      arena_strndup(&arena, answers[i].body, length), STATUS_RETRY,
				      "internal_error");
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_answer_is_not_understood),
		cmocka_unit_test(an_answer_too_deep_is_not_understood),
		cmocka_unit_test(wrapped_errors_are_told_by_their_code),
		cmocka_unit_test(an_unknown_code_is_kept_verbatim),
		cmocka_unit_test(a_long_code_is_cut_between_characters),
		cmocka_unit_test(the_log_id_comes_from_the_body_or_the_header),
		cmocka_unit_test(ok_without_data_is_not_understood),
		cmocka_unit_test(data_without_ok_is_not_understood),
		cmocka_unit_test(tokens_are_taken_as_they_come),
		cmocka_unit_test(long_tokens_are_not_cut),
		cmocka_unit_test(incomplete_tokens_are_refused),
		cmocka_unit_test(flat_errors_are_told_by_their_code),
		cmocka_unit_test(a_revocation_succeeds_with_nothing_or_an_empty_object),
		cmocka_unit_test(a_cancellation_succeeds_by_its_code_alone),
		cmocka_unit_test(every_cut_of_an_answer_is_not_understood),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
