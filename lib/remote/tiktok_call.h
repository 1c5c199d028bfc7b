/*
 * What TikTok's calls have in common: the frame of a request and both error shapes of an answer
 * (1.10). For the other tiktok_ modules alone.
 */
#pragma once
#include "remote/tiktok.h"

struct json_object;

enum {
	TIKTOK_ANSWER_DEPTH = 16,
	TIKTOK_WORD_MAX_BYTES = 256,
	TIKTOK_URL_MAX_BYTES = 2048,
	TIKTOK_LIST_MAX = 64,
};

/* A POST to the API without a body. path may hold a query. */
struct http_request tiktok_call(const struct tiktok *tiktok, struct arena *arena, const char *path);

/* The same with the token and a JSON body; body stays the caller's. */
struct http_request tiktok_call_json(const struct tiktok *tiktok, struct arena *arena,
				     const char *path, struct secret access_token,
				     struct json_object *body);

/* Fill ret_error with a code as TikTok wrote it; log_id NULL: the answer's header has it. */
void tiktok_call_error(struct arena *arena, const struct http_answer *answer, const char *code,
		       const char *log_id, struct tiktok_error *ret_error);

/* An answer whose meaning is not known: TikTok's trouble, whatever happened there. STATUS_RETRY. */
MUST_CHECK enum status tiktok_call_not_understood(struct arena *arena,
						  const struct http_answer *answer,
						  struct tiktok_error *ret_error);

/* What an error means for the caller: STATUS_RETRY when TikTok is in trouble, else STATUS_REFUSED. */
MUST_CHECK enum status tiktok_call_refused(const struct tiktok_error *error);

/*
 * The wrapped shape: STATUS_OK only with HTTP 200 and error.code "ok". The caller puts ret_body.
 * ret_data: a part of ret_body; NULL where the call gives no data.
 */
MUST_CHECK enum status tiktok_call_unwrap(struct arena *arena, const struct http_answer *answer,
					  struct json_object **ret_body,
					  struct json_object **ret_data,
					  struct tiktok_error *ret_error);

/* A short printable text member, "" when absent or odd. */
const char *tiktok_call_text(struct arena *arena, struct json_object *object, const char *name,
			     size_t max);

/* An id as decimal text, whether it came as a number or as text, never through a double; NULL: none. */
const char *tiktok_call_id(struct arena *arena, struct json_object *value);

/* The bytes of a progress member, -1 when it is not told. */
int64_t tiktok_call_bytes(struct json_object *object, const char *name);
