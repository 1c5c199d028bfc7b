/* TikTok's answers: every shape of the reference, and everything that is none. */
#include "unit.h"

#include "remote/tiktok.h"

#define OK_ERROR "\"error\":{\"code\":\"ok\",\"message\":\"\",\"log_id\":\"20261122120000AAAA\"}"

/* An answer with a body of exactly its length. */
static struct http_answer answer_of(struct arena *arena, long status, const char *body)
{
	size_t length = strlen(body);
	char *exact = arena_alloc(arena, length);
	memcpy(exact, body, length);
	return (struct http_answer){ .status = status, .body = exact, .length = length };
}

/* Any of the parsers, told by a number: what is common to them is tested with all. */
enum kind { TOKENS, REVOKE, USER, CREATOR, INIT, STATUS, KINDS };

static enum status parse_as(struct arena *arena, enum kind kind, const struct http_answer *answer,
			    struct tiktok_error *error)
{
	struct tiktok_tokens tokens = { .scope = "untouched" };
	struct tiktok_user user = { .open_id = "untouched" };
	struct tiktok_creator_info info = { .nickname = "untouched" };
	struct tiktok_init init = { .publish_id = "untouched" };
	struct tiktok_status post = { .word = "untouched" };
	enum status st = STATUS_BROKEN;
	log_capture();
	switch (kind) {
	case TOKENS:
		st = tiktok_tokens_parse(arena, answer, &tokens, error);
		break;
	case REVOKE:
		st = tiktok_revoke_parse(arena, answer, error);
		break;
	case USER:
		st = tiktok_user_parse(arena, answer, &user, error);
		break;
	case CREATOR:
		st = tiktok_creator_info_parse(arena, answer, &info, error);
		break;
	case INIT:
		st = tiktok_init_parse(arena, answer, &init, error);
		break;
	case STATUS:
		st = tiktok_status_parse(arena, answer, &post, error);
		break;
	case KINDS:
		break;
	}
	const char *log = log_captured(arena);
	/* Bodies are not logged, whatever they are. */
	assert_lacks(log, "geheim");
	if (st != STATUS_OK) {
		assert_string_equal(tokens.scope, "untouched");
		assert_string_equal(user.open_id, "untouched");
		assert_string_equal(info.nickname, "untouched");
		assert_string_equal(init.publish_id, "untouched");
		assert_string_equal(post.word, "untouched");
		assert_non_null(error->code);
		assert_string_not_equal(error->code, "ok");
		assert_non_null(error->meaning);
		assert_int_equal(error->http_status, answer->status);
	}
	return st;
}

#define assert_answer(kind, http, body, st, code) check_answer(kind, http, body, st, code, __LINE__)

static void check_answer(enum kind kind, long http, const char *body, enum status wanted,
			 const char *code, int line)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct http_answer answer = answer_of(&arena, http, body);
	struct tiktok_error error = { 0 };
	enum status st = parse_as(&arena, kind, &answer, &error);
	if (st != wanted || strcmp(error.code, code) != 0)
		fail_msg("line %d: parser %d, %s: %s %s", line, (int)kind, body, status_name(st),
			 error.code);
	assert_ptr_equal(error.meaning, tiktok_meaning(code));
}

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
	for (int kind = USER; kind < KINDS; kind++) {
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
	"\"user\":{},\"privacy_level_options\":[]}"
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
	}
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
		{ STATUS, "{\"data\":{" COMPLETE_WITH "[7000000000000000001]}," OK_ERROR "}" },
		{ CREATOR, "{\"data\":{\"privacy_level_options\":[\"SELF_ONLY\"]}," OK_ERROR "}" },
		{ USER, "{\"data\":{\"user\":{\"open_id\":\"o\"}}," OK_ERROR "}" },
		{ REVOKE, "{\"error\":\"invalid_grant\"}" },
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
		cmocka_unit_test(a_user_may_lack_anything),
		cmocka_unit_test(creator_info_is_read),
		cmocka_unit_test(creator_info_keeps_unknown_options_and_skips_what_is_none),
		cmocka_unit_test(a_list_of_options_is_bounded),
		cmocka_unit_test(init_gives_id_and_address),
		cmocka_unit_test(init_without_id_or_address_is_not_understood),
		cmocka_unit_test(init_tells_every_documented_refusal),
		cmocka_unit_test(every_status_word_is_known),
		cmocka_unit_test(a_failure_has_its_reason_verbatim),
		cmocka_unit_test(a_status_without_its_word_is_not_understood),
		cmocka_unit_test(ids_stay_exact_as_numbers_and_as_text),
		cmocka_unit_test(what_is_no_id_is_skipped),
		cmocka_unit_test(a_list_of_ids_is_bounded),
		cmocka_unit_test(progress_is_a_count_or_not_told),
		cmocka_unit_test(every_cut_of_an_answer_is_not_understood),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
