/* Answers of TikTok for the tests of its parsers, and what holds for each of them. */
#pragma once
#include "remote/tiktok.h"

#define OK_ERROR "\"error\":{\"code\":\"ok\",\"message\":\"\",\"log_id\":\"20261122120000AAAA\"}"

/* An answer with a body of exactly its length. */
__attribute__((unused)) static struct http_answer answer_of(struct arena *arena, long status,
							    const char *body)
{
	size_t length = strlen(body);
	char *exact = arena_alloc(arena, length);
	memcpy(exact, body, length);
	return (struct http_answer){ .status = status, .body = exact, .length = length };
}

/* Any of the parsers, told by a number: what is common to them is tested with all. */
enum kind {
	TOKENS,
	REVOKE,
	CANCEL, /* from here on: the wrapped shape */
	USER,	/* from here on: with data */
	CREATOR,
	INIT,
	PULL,
	STATUS,
	VIDEOS,
	KINDS
};

__attribute__((unused)) static enum status parse_as(struct arena *arena, enum kind kind,
						    const struct http_answer *answer,
						    struct tiktok_error *error)
{
	struct tiktok_tokens tokens = { .scope = "untouched" };
	struct tiktok_user user = { .open_id = "untouched" };
	struct tiktok_creator_info info = { .nickname = "untouched" };
	struct tiktok_init init = { .publish_id = "untouched" };
	struct tiktok_status post = { .word = "untouched" };
	struct tiktok_video_list list = { .count = 77 };
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
	case PULL:
		st = tiktok_pull_parse(arena, answer, &init, error);
		break;
	case STATUS:
		st = tiktok_status_parse(arena, answer, &post, error);
		break;
	case CANCEL:
		st = tiktok_cancel_parse(arena, answer, error);
		break;
	case VIDEOS:
		st = tiktok_video_list_parse(arena, answer, &list, error);
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
		assert_int_equal(list.count, 77);
		assert_non_null(error->code);
		assert_string_not_equal(error->code, "ok");
		assert_non_null(error->meaning);
		assert_int_equal(error->http_status, answer->status);
	}
	return st;
}

#define assert_answer(kind, http, body, st, code) check_answer(kind, http, body, st, code, __LINE__)

__attribute__((unused)) static void check_answer(enum kind kind, long http, const char *body,
						 enum status wanted, const char *code, int line)
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
