/* Answers about tokens and users. */
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "remote/tiktok_call.h"

enum {
	TOKEN_MAX_BYTES = 8192,
};

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
	if (json_parse(answer->body, answer->length, TIKTOK_ANSWER_DEPTH, &body) != STATUS_OK ||
	    !json_object_is_type(body, json_type_object))
		return tiktok_call_not_understood(arena, answer, ret_error);
	const char *code = oauth_error(body);
	if (code) {
		tiktok_call_error(arena, answer, code, json_string_or(body, "log_id", NULL),
				  ret_error);
		return tiktok_call_refused(ret_error);
	}
	if (answer->status != 200)
		return tiktok_call_not_understood(arena, answer, ret_error);
	const char *access = json_string_or(body, "access_token", "");
	const char *refresh = json_string_or(body, "refresh_token", "");
	struct tiktok_tokens tokens = {
		.open_id = tiktok_call_text(arena, body, "open_id", TIKTOK_WORD_MAX_BYTES),
		.scope = tiktok_call_text(arena, body, "scope", 1024),
	};
	/* No refresh token is never stored over one (R9, F17); no access token is no success (1.10). */
	if (!*access || !*refresh || strlen(access) > TOKEN_MAX_BYTES ||
	    strlen(refresh) > TOKEN_MAX_BYTES || !*tokens.open_id ||
	    json_get_int(body, "expires_in", &tokens.expires_in) != STATUS_OK ||
	    json_get_int(body, "refresh_expires_in", &tokens.refresh_expires_in) != STATUS_OK ||
	    tokens.expires_in <= 0 || tokens.expires_in > INT32_MAX ||
	    tokens.refresh_expires_in <= 0 || tokens.refresh_expires_in > INT32_MAX ||
	    !utf8_is_printable(access, false) || !utf8_is_printable(refresh, false)) {
		tiktok_call_error(arena, answer, "invalid_client", NULL, ret_error);
		log_error("tiktok_tokens_incomplete http=%ld", answer->status);
		return STATUS_REFUSED;
	}
	tokens.access_token = secret_copy(arena, access, strlen(access));
	tokens.refresh_token = secret_copy(arena, refresh, strlen(refresh));
	tiktok_call_error(arena, answer, "ok", NULL, ret_error);
	*ret_tokens = tokens;
	return STATUS_OK;
}

enum status tiktok_revoke_parse(struct arena *arena, const struct http_answer *answer,
				struct tiktok_error *ret_error)
{
	CLEANUP(json_object_put) struct json_object *body = NULL;
	const char *code = NULL;
	if (answer->length > 0) {
		if (json_parse(answer->body, answer->length, TIKTOK_ANSWER_DEPTH, &body) !=
			    STATUS_OK ||
		    !json_object_is_type(body, json_type_object))
			return tiktok_call_not_understood(arena, answer, ret_error);
		code = oauth_error(body);
	}
	if (code) {
		tiktok_call_error(arena, answer, code, json_string_or(body, "log_id", NULL),
				  ret_error);
		return tiktok_call_refused(ret_error);
	}
	if (answer->status != 200)
		return tiktok_call_not_understood(arena, answer, ret_error);
	tiktok_call_error(arena, answer, "ok", NULL, ret_error);
	return STATUS_OK;
}

enum status tiktok_user_parse(struct arena *arena, const struct http_answer *answer,
			      struct tiktok_user *ret_user, struct tiktok_error *ret_error)
{
	CLEANUP(json_object_put) struct json_object *body = NULL;
	struct json_object *data, *user;
	enum status st = tiktok_call_unwrap(arena, answer, &body, &data, ret_error);
	if (st != STATUS_OK)
		return st;
	if (json_get_object(data, "user", &user) != STATUS_OK)
		return tiktok_call_not_understood(arena, answer, ret_error);
	*ret_user = (struct tiktok_user){
		.open_id = tiktok_call_text(arena, user, "open_id", TIKTOK_WORD_MAX_BYTES),
		.display_name =
			tiktok_call_text(arena, user, "display_name", TIKTOK_WORD_MAX_BYTES),
		.username = tiktok_call_text(arena, user, "username", TIKTOK_WORD_MAX_BYTES),
		.avatar_url = tiktok_call_text(arena, user, "avatar_url", TIKTOK_URL_MAX_BYTES),
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
	enum status st = tiktok_call_unwrap(arena, answer, &body, &data, ret_error);
	if (st != STATUS_OK)
		return st;
	if (json_get_array(data, "privacy_level_options", &options) != STATUS_OK)
		return tiktok_call_not_understood(arena, answer, ret_error);
	struct tiktok_creator_info info = {
		.nickname =
			tiktok_call_text(arena, data, "creator_nickname", TIKTOK_WORD_MAX_BYTES),
		.username =
			tiktok_call_text(arena, data, "creator_username", TIKTOK_WORD_MAX_BYTES),
		.avatar_url =
			tiktok_call_text(arena, data, "creator_avatar_url", TIKTOK_URL_MAX_BYTES),
		.comment_disabled = bool_member(data, "comment_disabled"),
		.duet_disabled = bool_member(data, "duet_disabled"),
		.stitch_disabled = bool_member(data, "stitch_disabled"),
		.privacy_options = arena_alloc(arena, TIKTOK_LIST_MAX * sizeof(const char *)),
	};
	for (size_t i = 0; i < json_object_array_length(options) && i < TIKTOK_LIST_MAX; i++) {
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
