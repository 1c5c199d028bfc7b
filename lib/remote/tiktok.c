/* Addresses, signing in and users: requests. Their answers are read in tiktok_answer.c. */
#include "remote/tiktok.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/config.h"
#include "base/json.h"
#include "base/log.h"
#include "base/percent.h"
#include "remote/tiktok_call.h"

enum {
	AVATAR_TIMEOUT_SECONDS = 3,
	AVATAR_MAX_BYTES = 256 * 1024,
	FORM_MAX_BYTES = 32 * 1024,
};

static const char form_type[] = "application/x-www-form-urlencoded";

const char *tiktok_redirect_uri(const struct tiktok *tiktok, struct arena *arena)
{
	return arena_printf(arena, "%s/oauth/callback", tiktok->config->public_url);
}

static void add_field(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s%s=", out->length > 0 ? "&" : "", name);
	percent_append(out, value);
}

static const char *take_form(struct arena *arena, struct buf *form)
{
	if (!buf_ok(form))
		log_die("form_too_long");
	return arena_strndup(arena, buf_text(form), form->length);
}

const char *tiktok_authorize_url(const struct tiktok *tiktok, struct arena *arena,
				 const char *scopes, const char *state, const char *challenge)
{
	CLEANUP(buf) struct buf query = BUF_INIT(FORM_MAX_BYTES);
	add_field(&query, "client_key", tiktok->config->tiktok_client_key);
	add_field(&query, "response_type", "code");
	add_field(&query, "scope", scopes);
	add_field(&query, "redirect_uri", tiktok_redirect_uri(tiktok, arena));
	add_field(&query, "state", state);
	/* Without it TikTok connects whoever is signed in there, without asking (1.1). */
	add_field(&query, "disable_auto_auth", "1");
	if (challenge) {
		add_field(&query, "code_challenge", challenge);
		add_field(&query, "code_challenge_method", "S256");
	}
	return arena_printf(arena, "%s/v2/auth/authorize/?%s", tiktok->config->tiktok_auth_url,
			    take_form(arena, &query));
}

static struct http_request oauth_request(const struct tiktok *tiktok, struct arena *arena,
					 const char *path, struct buf *fields)
{
	add_field(fields, "client_key", tiktok->config->tiktok_client_key);
	add_field(fields, "client_secret", tiktok->client_secret.bytes);
	struct http_request request = tiktok_call(tiktok, arena, path);
	request.content_type = form_type;
	request.body = take_form(arena, fields);
	request.body_length = strlen(request.body);
	request.fresh_connection = true;
	return request;
}

struct http_request tiktok_code_request(const struct tiktok *tiktok, struct arena *arena,
					const char *code, const char *verifier)
{
	CLEANUP(buf) struct buf fields = BUF_INIT(FORM_MAX_BYTES);
	add_field(&fields, "grant_type", "authorization_code");
	add_field(&fields, "code", code);
	add_field(&fields, "redirect_uri", tiktok_redirect_uri(tiktok, arena));
	if (verifier)
		add_field(&fields, "code_verifier", verifier);
	return oauth_request(tiktok, arena, "/v2/oauth/token/", &fields);
}

struct http_request tiktok_refresh_request(const struct tiktok *tiktok, struct arena *arena,
					   struct secret refresh_token)
{
	CLEANUP(buf) struct buf fields = BUF_INIT(FORM_MAX_BYTES);
	add_field(&fields, "grant_type", "refresh_token");
	add_field(&fields, "refresh_token", refresh_token.bytes);
	return oauth_request(tiktok, arena, "/v2/oauth/token/", &fields);
}

struct http_request tiktok_revoke_request(const struct tiktok *tiktok, struct arena *arena,
					  struct secret access_token)
{
	CLEANUP(buf) struct buf fields = BUF_INIT(FORM_MAX_BYTES);
	add_field(&fields, "token", access_token.bytes);
	return oauth_request(tiktok, arena, "/v2/oauth/revoke/", &fields);
}

struct http_request tiktok_user_request(const struct tiktok *tiktok, struct arena *arena,
					struct secret access_token, const char *scope)
{
	/* Asking beyond the granted scopes may fail the whole call (2.1). */
	const char *fields = tiktok_scope_has(scope, "user.info.profile")
				     ? "open_id,avatar_url,display_name,username"
				     : "open_id,avatar_url,display_name";
	struct http_request request =
		tiktok_call(tiktok, arena, arena_printf(arena, "/v2/user/info/?fields=%s", fields));
	request.method = "GET";
	request.bearer = access_token;
	return request;
}

struct http_request tiktok_creator_info_request(const struct tiktok *tiktok, struct arena *arena,
						struct secret access_token)
{
	CLEANUP(json_object_put) struct json_object *body = json_object_new_object();
	return tiktok_call_json(tiktok, arena, "/v2/post/publish/creator_info/query/", access_token,
				body);
}

static bool ends_with(const char *text, const char *tail)
{
	size_t length = strlen(text), tail_length = strlen(tail);
	return length > tail_length && strcmp(text + length - tail_length, tail) == 0;
}

/* https under one of the domains, or the API's own host when that is loopback. */
static bool url_is_of(const struct tiktok *tiktok, struct arena *arena, const char *url,
		      const char *const *domains, size_t count)
{
	const char *scheme, *host, *api_scheme, *api_host;
	if (http_url_split(arena, url, &scheme, &host) != STATUS_OK ||
	    http_url_split(arena, tiktok->config->tiktok_api_url, &api_scheme, &api_host) !=
		    STATUS_OK)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(scheme, "https") == 0 && ends_with(host, domains[i]))
			return true;
	}
	return config_url_is_loopback(tiktok->config->tiktok_api_url) &&
	       config_url_is_loopback(url) && strcmp(host, api_host) == 0;
}

bool tiktok_upload_url_is_safe(const struct tiktok *tiktok, struct arena *arena, const char *url)
{
	static const char *const domains[] = { ".tiktokapis.com" };
	return url_is_of(tiktok, arena, url, domains, ARRAY_SIZE(domains));
}

enum status tiktok_avatar_request(const struct tiktok *tiktok, struct arena *arena, const char *url,
				  struct http_request *ret_request)
{
	static const char *const domains[] = { ".tiktokcdn.com", ".tiktokcdn-us.com",
					       ".tiktokcdn-eu.com", ".tiktokv.com", ".tiktok.com" };
	if (!url_is_of(tiktok, arena, url, domains, ARRAY_SIZE(domains)))
		return STATUS_INVALID;
	*ret_request = (struct http_request){ .method = "GET",
					      .url = url,
					      .timeout_seconds = AVATAR_TIMEOUT_SECONDS,
					      .max_answer = AVATAR_MAX_BYTES };
	return STATUS_OK;
}

const char *tiktok_avatar_type(const struct http_answer *answer)
{
	static const struct {
		const char *magic;
		size_t length;
		const char *type;
	} kinds[] = {
		{ "\xff\xd8\xff", 3, "image/jpeg" },
		{ "\x89PNG\r\n\x1a\n", 8, "image/png" },
		{ "RIFF", 4, "image/webp" },
	};
	for (size_t i = 0; answer->status == 200 && i < ARRAY_SIZE(kinds); i++) {
		if (answer->length > 16 &&
		    memcmp(answer->body, kinds[i].magic, kinds[i].length) == 0)
			return kinds[i].type;
	}
	return NULL;
}

bool tiktok_scope_has(const char *scopes, const char *scope)
{
	size_t length = strlen(scope);
	while (scopes && *scopes) {
		size_t part = strcspn(scopes, ", ");
		if (part == length && strncmp(scopes, scope, length) == 0)
			return true;
		scopes += part;
		scopes += strspn(scopes, ", ");
	}
	return false;
}
