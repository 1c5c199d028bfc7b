/* The frame of TikTok's calls. */
#include "remote/tiktok_call.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"

enum { API_TIMEOUT_SECONDS = 30 };

struct http_request tiktok_call(const struct tiktok *tiktok, struct arena *arena, const char *path)
{
	return (struct http_request){
		.method = "POST",
		.url = arena_printf(arena, "%s%s", tiktok->config->tiktok_api_url, path),
		.timeout_seconds = API_TIMEOUT_SECONDS,
	};
}

struct http_request tiktok_call_json(const struct tiktok *tiktok, struct arena *arena,
				     const char *path, struct secret access_token,
				     struct json_object *body)
{
	struct http_request request = tiktok_call(tiktok, arena, path);
	request.bearer = access_token;
	request.content_type = "application/json; charset=UTF-8";
	request.body = json_text(arena, body);
	request.body_length = strlen(request.body);
	return request;
}

/* The first 256 bytes of text in the arena, without half a character at their end. */
static const char *clip(struct arena *arena, const char *text)
{
	size_t length = strnlen(text, TIKTOK_WORD_MAX_BYTES);
	while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
		length--;
	return arena_strndup(arena, text, length);
}

void tiktok_call_error(struct arena *arena, const struct http_answer *answer, const char *code,
		       const char *log_id, struct tiktok_error *ret_error)
{
	*ret_error = (struct tiktok_error){
		.code = clip(arena, code),
		.log_id = log_id ? clip(arena, log_id) : answer->log_id,
		.http_status = answer->status,
		.meaning = tiktok_meaning(code),
	};
}

enum status tiktok_call_not_understood(struct arena *arena, const struct http_answer *answer,
				       struct tiktok_error *ret_error)
{
	tiktok_call_error(arena, answer, "internal_error", NULL, ret_error);
	log_warn("tiktok_answer_not_understood http=%ld bytes=%zu remote_log=%s", answer->status,
		 answer->length, answer->log_id ? answer->log_id : "-");
	return STATUS_RETRY;
}

enum status tiktok_call_refused(const struct tiktok_error *error)
{
	return error->http_status >= 500 ? STATUS_RETRY : STATUS_REFUSED;
}

const char *tiktok_call_text(struct arena *arena, struct json_object *object, const char *name,
			     size_t max)
{
	const char *text = json_string_or(object, name, "");
	if (strlen(text) > max || !utf8_is_printable(text, false))
		return "";
	return arena_strdup(arena, text);
}

enum status tiktok_call_unwrap(struct arena *arena, const struct http_answer *answer,
			       struct json_object **ret_body, struct json_object **ret_data,
			       struct tiktok_error *ret_error)
{
	CLEANUP(json_object_put) struct json_object *body = NULL;
	struct json_object *error;
	if (json_parse(answer->body, answer->length, TIKTOK_ANSWER_DEPTH, &body) != STATUS_OK)
		return tiktok_call_not_understood(arena, answer, ret_error);
	if (json_get_object(body, "error", &error) != STATUS_OK)
		error = body; /* the general error page shows the members without the wrapper */
	const char *code = json_string_or(error, "code", NULL);
	if (!code)
		return tiktok_call_not_understood(arena, answer, ret_error);
	tiktok_call_error(arena, answer, code, json_string_or(error, "log_id", NULL), ret_error);
	if (strcmp(code, "ok") != 0)
		return tiktok_call_refused(ret_error);
	if (answer->status != 200)
		return tiktok_call_not_understood(arena, answer, ret_error);
	/* A success shows its shape: the data, or where none is due the wrapper. */
	if (ret_data ? json_get_object(body, "data", ret_data) != STATUS_OK : error == body)
		return tiktok_call_not_understood(arena, answer, ret_error);
	*ret_body = TAKE_POINTER(body);
	return STATUS_OK;
}

/* Ids above 2^53 come as numbers, from webhooks as strings: both stay exact as text. */
const char *tiktok_call_id(struct arena *arena, struct json_object *value)
{
	if (json_object_is_type(value, json_type_int)) {
		/* json-c clamps what does not fit in silence. */
		uint64_t id = json_object_get_uint64(value);
		return id > 0 && id < UINT64_MAX ? arena_printf(arena, "%" PRIu64, id) : NULL;
	}
	if (json_object_is_type(value, json_type_string)) {
		const char *text = json_object_get_string(value);
		size_t length = (size_t)json_object_get_string_len(value);
		if (length > 0 && length < 32 && strspn(text, "0123456789") == length)
			return arena_strdup(arena, text);
	}
	return NULL;
}

int64_t tiktok_call_bytes(struct json_object *object, const char *name)
{
	int64_t bytes;
	return json_get_int(object, name, &bytes) == STATUS_OK && bytes >= 0 ? bytes : -1;
}
