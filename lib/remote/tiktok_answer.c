/* TikTok's answers: both error shapes (1.10), judged by their content and not by the HTTP status alone. */
#include "remote/tiktok.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"

enum {
	ANSWER_DEPTH = 16,
	TOKEN_MAX_BYTES = 8192,
	WORD_MAX_BYTES = 256,
	URL_MAX_BYTES = 2048,
	LIST_MAX = 64,
};

/* The first 256 bytes of text in the arena, without half a character at their end. */
static const char *clip(struct arena *arena, const char *text)
{
	size_t length = strnlen(text, WORD_MAX_BYTES);
	while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
		length--;
	return arena_strndup(arena, text, length);
}

static void set_error(struct arena *arena, const struct http_answer *answer, const char *code,
		      const char *log_id, struct tiktok_error *ret_error)
{
	*ret_error = (struct tiktok_error){
		.code = clip(arena, code),
		.log_id = log_id ? clip(arena, log_id) : answer->log_id,
		.http_status = answer->status,
		.meaning = tiktok_meaning(code),
	};
}

/* An answer whose meaning is not known: TikTok's trouble, whatever happened there. */
static enum status not_understood(struct arena *arena, const struct http_answer *answer,
				  struct tiktok_error *ret_error)
{
	set_error(arena, answer, "internal_error", NULL, ret_error);
	log_warn("tiktok_answer_not_understood http=%ld bytes=%zu remote_log=%s", answer->status,
		 answer->length, answer->log_id ? answer->log_id : "-");
	return STATUS_RETRY;
}

static enum status refused(const struct tiktok_error *error)
{
	return error->http_status >= 500 ? STATUS_RETRY : STATUS_REFUSED;
}

/* A short printable text member, "" when absent or odd. */
static const char *text_member(struct arena *arena, struct json_object *object, const char *name,
			       size_t max)
{
	const char *text = json_string_or(object, name, "");
	if (strlen(text) > max || !utf8_is_printable(text, false))
		return "";
	return arena_strdup(arena, text);
}

/* The code of an OAuth endpoint's flat error, or of a wrapped one, which is taken as well; else NULL. */
static const char *oauth_error(struct json_object *body)
{
	struct json_object *wrapped;
	const char *code = json_string_or(body, "error", NULL);
	if (!code && json_get_object(body, "error", &wrapped) == STATUS_OK)
		code = json_string_or(wrapped, "code", NULL);
	return code && strcmp(code, "ok") != 0 ? code : NULL;
}

enum status tiktok_tokens_parse(struct arena *arena, const struct http_answer *answer,
				struct tiktok_tokens *ret_tokens, struct tiktok_error *ret_error)
{
	CLEANUP(json_object_put) struct json_object *body = NULL;
	if (json_parse(answer->body, answer->length, ANSWER_DEPTH, &body) != STATUS_OK ||
	    !json_object_is_type(body, json_type_object))
		return not_understood(arena, answer, ret_error);
	const char *code = oauth_error(body);
	if (code) {
		set_error(arena, answer, code, json_string_or(body, "log_id", NULL), ret_error);
		return refused(ret_error);
	}
	if (answer->status != 200)
		return not_understood(arena, answer, ret_error);
	const char *access = json_string_or(body, "access_token", "");
	const char *refresh = json_string_or(body, "refresh_token", "");
	struct tiktok_tokens tokens = {
		.open_id = text_member(arena, body, "open_id", WORD_MAX_BYTES),
		.scope = text_member(arena, body, "scope", 1024),
	};
	/* No refresh token is never stored over one (R9, F17); no access token is no success (1.10). */
	if (!*access || !*refresh || strlen(access) > TOKEN_MAX_BYTES ||
	    strlen(refresh) > TOKEN_MAX_BYTES || !*tokens.open_id ||
	    json_get_int(body, "expires_in", &tokens.expires_in) != STATUS_OK ||
	    json_get_int(body, "refresh_expires_in", &tokens.refresh_expires_in) != STATUS_OK ||
	    tokens.expires_in <= 0 || tokens.expires_in > INT32_MAX ||
	    tokens.refresh_expires_in <= 0 || tokens.refresh_expires_in > INT32_MAX ||
	    !utf8_is_printable(access, false) || !utf8_is_printable(refresh, false)) {
		set_error(arena, answer, "invalid_client", NULL, ret_error);
		log_error("tiktok_tokens_incomplete http=%ld", answer->status);
		return STATUS_REFUSED;
	}
	tokens.access_token = secret_copy(arena, access, strlen(access));
	tokens.refresh_token = secret_copy(arena, refresh, strlen(refresh));
	set_error(arena, answer, "ok", NULL, ret_error);
	*ret_tokens = tokens;
	return STATUS_OK;
}

enum status tiktok_revoke_parse(struct arena *arena, const struct http_answer *answer,
				struct tiktok_error *ret_error)
{
	CLEANUP(json_object_put) struct json_object *body = NULL;
	const char *code = NULL;
	if (answer->length > 0) {
		if (json_parse(answer->body, answer->length, ANSWER_DEPTH, &body) != STATUS_OK ||
		    !json_object_is_type(body, json_type_object))
			return not_understood(arena, answer, ret_error);
		code = oauth_error(body);
	}
	if (code) {
		set_error(arena, answer, code, json_string_or(body, "log_id", NULL), ret_error);
		return refused(ret_error);
	}
	if (answer->status != 200)
		return not_understood(arena, answer, ret_error);
	set_error(arena, answer, "ok", NULL, ret_error);
	return STATUS_OK;
}

/* The wrapped shape: STATUS_OK only with HTTP 200 and error.code "ok". The caller puts ret_body. */
static enum status unwrap(struct arena *arena, const struct http_answer *answer,
			  struct json_object **ret_body, struct json_object **ret_data,
			  struct tiktok_error *ret_error)
{
	CLEANUP(json_object_put) struct json_object *body = NULL;
	struct json_object *error;
	if (json_parse(answer->body, answer->length, ANSWER_DEPTH, &body) != STATUS_OK)
		return not_understood(arena, answer, ret_error);
	if (json_get_object(body, "error", &error) != STATUS_OK)
		error = body; /* the general error page shows the members without the wrapper */
	const char *code = json_string_or(error, "code", NULL);
	if (!code)
		return not_understood(arena, answer, ret_error);
	set_error(arena, answer, code, json_string_or(error, "log_id", NULL), ret_error);
	if (strcmp(code, "ok") != 0)
		return refused(ret_error);
	if (answer->status != 200)
		return not_understood(arena, answer, ret_error);
	if (json_get_object(body, "data", ret_data) != STATUS_OK)
		return not_understood(arena, answer, ret_error);
	*ret_body = TAKE_POINTER(body);
	return STATUS_OK;
}

enum status tiktok_user_parse(struct arena *arena, const struct http_answer *answer,
			      struct tiktok_user *ret_user, struct tiktok_error *ret_error)
{
	CLEANUP(json_object_put) struct json_object *body = NULL;
	struct json_object *data, *user;
	enum status st = unwrap(arena, answer, &body, &data, ret_error);
	if (st != STATUS_OK)
		return st;
	if (json_get_object(data, "user", &user) != STATUS_OK)
		return not_understood(arena, answer, ret_error);
	*ret_user = (struct tiktok_user){
		.open_id = text_member(arena, user, "open_id", WORD_MAX_BYTES),
		.display_name = text_member(arena, user, "display_name", WORD_MAX_BYTES),
		.username = text_member(arena, user, "username", WORD_MAX_BYTES),
		.avatar_url = text_member(arena, user, "avatar_url", URL_MAX_BYTES),
	};
	return STATUS_OK;
}

static bool bool_member(struct json_object *object, const char *name)
{
	bool value = false;
	return json_get_bool(object, name, &value) == STATUS_OK && value;
}

enum status tiktok_creator_info_parse(struct arena *arena, const struct http_answer *answer,
				      struct tiktok_creator_info *ret_info,
				      struct tiktok_error *ret_error)
{
	CLEANUP(json_object_put) struct json_object *body = NULL;
	struct json_object *data, *options;
	enum status st = unwrap(arena, answer, &body, &data, ret_error);
	if (st != STATUS_OK)
		return st;
	if (json_get_array(data, "privacy_level_options", &options) != STATUS_OK)
		return not_understood(arena, answer, ret_error);
	struct tiktok_creator_info info = {
		.nickname = text_member(arena, data, "creator_nickname", WORD_MAX_BYTES),
		.username = text_member(arena, data, "creator_username", WORD_MAX_BYTES),
		.avatar_url = text_member(arena, data, "creator_avatar_url", URL_MAX_BYTES),
		.comment_disabled = bool_member(data, "comment_disabled"),
		.duet_disabled = bool_member(data, "duet_disabled"),
		.stitch_disabled = bool_member(data, "stitch_disabled"),
		.privacy_options = arena_alloc(arena, LIST_MAX * sizeof(const char *)),
	};
	for (size_t i = 0; i < json_object_array_length(options) && i < LIST_MAX; i++) {
		struct json_object *option = json_object_array_get_idx(options, i);
		if (json_object_is_type(option, json_type_string))
			info.privacy_options[info.privacy_option_count++] =
				arena_strdup(arena, json_object_get_string(option));
	}
	/* Absent: every creator may post three minutes (4.1). */
	if (json_get_int(data, "max_video_post_duration_sec", &info.max_duration_s) != STATUS_OK)
		info.max_duration_s = 180;
	*ret_info = info;
	return STATUS_OK;
}

enum status tiktok_init_parse(struct arena *arena, const struct http_answer *answer,
			      struct tiktok_init *ret_init, struct tiktok_error *ret_error)
{
	CLEANUP(json_object_put) struct json_object *body = NULL;
	struct json_object *data;
	enum status st = unwrap(arena, answer, &body, &data, ret_error);
	if (st != STATUS_OK)
		return st;
	const char *publish_id = text_member(arena, data, "publish_id", WORD_MAX_BYTES);
	const char *url = text_member(arena, data, "upload_url", URL_MAX_BYTES);
	if (!*publish_id || !*url)
		return not_understood(arena, answer, ret_error);
	*ret_init = (struct tiktok_init){ publish_id, { url, strlen(url) } };
	return STATUS_OK;
}

static enum tiktok_post_status status_from_word(const char *word)
{
	static const struct {
		const char *word;
		enum tiktok_post_status status;
	} words[] = {
		{ "PROCESSING_UPLOAD", TIKTOK_PROCESSING_UPLOAD },
		{ "PROCESSING_DOWNLOAD", TIKTOK_PROCESSING_DOWNLOAD },
		{ "SEND_TO_USER_INBOX", TIKTOK_SEND_TO_USER_INBOX },
		{ "PUBLISH_COMPLETE", TIKTOK_PUBLISH_COMPLETE },
		{ "FAILED", TIKTOK_FAILED },
	};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].word, word) == 0)
			return words[i].status;
	}
	return TIKTOK_STATUS_UNKNOWN;
}

/* Ids above 2^53 come as numbers, from webhooks as strings: both stay exact as text. */
static const char *public_id(struct arena *arena, struct json_object *value)
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

enum status tiktok_status_parse(struct arena *arena, const struct http_answer *answer,
				struct tiktok_status *ret_status, struct tiktok_error *ret_error)
{
	CLEANUP(json_object_put) struct json_object *body = NULL;
	struct json_object *data, *ids;
	enum status st = unwrap(arena, answer, &body, &data, ret_error);
	if (st != STATUS_OK)
		return st;
	struct tiktok_status status = {
		.word = text_member(arena, data, "status", WORD_MAX_BYTES),
		.fail_reason = text_member(arena, data, "fail_reason", WORD_MAX_BYTES),
		.public_ids = arena_alloc(arena, LIST_MAX * sizeof(const char *)),
		.uploaded_bytes = -1,
	};
	if (!*status.word)
		return not_understood(arena, answer, ret_error);
	status.status = status_from_word(status.word);
	if (status.status != TIKTOK_FAILED)
		status.fail_reason = "";
	else if (!*status.fail_reason)
		status.fail_reason = "unknown";
	int64_t uploaded;
	if (json_get_int(data, "uploaded_bytes", &uploaded) == STATUS_OK && uploaded >= 0)
		status.uploaded_bytes = uploaded;
	if (json_get_array(data, "publicaly_available_post_id", &ids) == STATUS_OK) {
		for (size_t i = 0; i < json_object_array_length(ids) && i < LIST_MAX; i++) {
			const char *id = public_id(arena, json_object_array_get_idx(ids, i));
			if (id)
				status.public_ids[status.public_id_count++] = id;
		}
	}
	*ret_status = status;
	return STATUS_OK;
}
