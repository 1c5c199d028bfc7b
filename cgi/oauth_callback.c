/*
 * GET /oauth/callback: takes TikTok's answer, exchanges the code, seals the tokens, opens the
 * session. POST /oauth/signout: ends it. This program can seal tokens and cannot open one.
 */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secretbox.h"
#include "base/token.h"
#include "base/utf8.h"
#include "remote/http.h"
#include "remote/tiktok.h"
#include "store/audit.h"
#include "store/connect.h"
#include "store/db.h"
#include "store/oauth_state.h"
#include "store/session.h"
#include "templates.h"
#include "web/oauth_cookie.h"
#include "web/oauth_query.h"
#include "web/oauth_words.h"
#include "web/policy.h"
#include "web/serve.h"

/* Both calls together stay below the minute that nginx waits. */
enum { CODE_MAX_BYTES = 2048, USER_TIMEOUT_SECONDS = 15, REVOKE_TIMEOUT_SECONDS = 15 };

struct context {
	struct tiktok tiktok;
	struct policy policy;
	struct secretbox_keys *keys;
	struct http *http;
};

static enum status setup(const struct config *config, void **ret_context)
{
	static struct context context;
	context.tiktok.config = config;
	enum status st =
		secret_load(config->tiktok_client_secret_file, &context.tiktok.client_secret);
	if (st == STATUS_OK)
		st = secretbox_load(config->token_public_key_file, NULL, &context.keys);
	if (st == STATUS_OK)
		st = policy_load(config, &context.policy);
	if (st != STATUS_OK)
		return st;
	context.http = http_open(1, 64 * 1024);
	*ret_context = &context;
	return STATUS_OK;
}

/* The page that says what happened and what to do; begun may be NULL, and cause for the words' own.
 */
static enum status show_failure(struct request *req, struct response *res,
				const struct oauth_words *words, const char *cause,
				const struct oauth_state *begun)
{
	CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
	static const struct oauth_state home = { .return_path = "/" };
	const char *query = oauth_query(req->arena, begun ? begun : &home);
	json_add_string(view, "heading", words->heading);
	json_add_string(view, "cause", cause ? cause : words->cause);
	json_add_string(view, "advice", words->advice);
	json_add_string(view, "retry_query", words->retry ? query : NULL);
	json_add_string(view, "retry_text", words->retry);
	json_add_string(view, "request_id", request_param(req, "SPG_REQUEST_ID"));
	if (words->http_status == 503)
		response_header(res, "Retry-After", "60");
	return response_page(req, res, words->http_status, words->heading, oauth_error_html, view);
}

/* Of people who are not known here, each process notes so many an hour: a stranger can fail as often as they like. */
enum { STRANGERS_PER_HOUR = 300 };

static bool strangers_fit(void)
{
	static int64_t since;
	static int count;
	int64_t now = clock_now_s();
	if (count == 0 || now - since >= 3600) {
		since = now;
		count = 0;
	}
	return count++ < STRANGERS_PER_HOUR;
}

/* Note a failure where the operator and the support will look for it. */
static void note_failure(struct request *req, const struct oauth_state *begun, const char *code,
			 const char *log_id)
{
	struct db *db;
	log_warn("callback_failed code=%s remote_log=%s user=%" PRId64 " account=%" PRId64, code,
		 log_id ? log_id : "-", begun->user_id, begun->account_id);
	struct audit_event event = { .event = "callback_failed",
				     .user_id = begun->user_id,
				     .account_id = begun->account_id,
				     .code = code,
				     .log_id = log_id,
				     .address = req->address };
	if (!begun->user_id && !strangers_fit())
		return;
	if (request_db(req, &db) != STATUS_OK || audit_write(db, req->arena, &event) != STATUS_OK)
		log_warn("callback_failure_not_audited");
}

static enum status fail(struct request *req, struct response *res, const struct oauth_state *begun,
			const struct oauth_words *words)
{
	note_failure(req, begun, words->code, NULL);
	return show_failure(req, res, words, NULL, begun);
}

static enum status exchange_failed(struct request *req, struct response *res,
				   const struct oauth_state *begun, enum status st,
				   const struct http_answer *answer,
				   const struct tiktok_error *error)
{
	const struct oauth_words *words = oauth_words(error->code);
	if (st == STATUS_RETRY && words->http_status != 503)
		words = oauth_words("no_answer");
	log_warn("code_exchange_failed http=%ld problem=%s", answer->status,
		 answer->problem ? answer->problem : "-");
	note_failure(req, begun, error->code, error->log_id);
	return show_failure(req, res, words, NULL, begun);
}

/* Names of the account. Connecting does not depend on them: the publisher asks again later. */
static void ask_user(struct request *req, const struct tiktok_tokens *tokens,
		     struct tiktok_user *ret_user)
{
	const struct context *context = req->context;
	struct http_answer answer;
	struct tiktok_error error = { .code = "no_answer" };
	struct tiktok_user user = { "", "", "", "" };
	struct http_request request = tiktok_user_request(&context->tiktok, req->arena,
							  tokens->access_token, tokens->scope);
	request.timeout_seconds = USER_TIMEOUT_SECONDS;
	*ret_user = user;
	enum status st = http_send(context->http, req->arena, &request, &answer);
	if (st == STATUS_OK)
		st = tiktok_user_parse(req->arena, &answer, &user, &error);
	if (st != STATUS_OK)
		log_warn("user_info_failed http=%ld code=%s remote_log=%s", answer.status,
			 error.code, error.log_id ? error.log_id : "-");
	else if (*user.open_id && strcmp(user.open_id, tokens->open_id) != 0)
		log_warn("user_info_of_another_account");
	else
		*ret_user = user;
}

static bool all_granted(struct arena *arena, const char *wanted, const char *granted)
{
	while (*wanted) {
		size_t length = strcspn(wanted, ", ");
		if (length > 0 && !tiktok_scope_has(granted, arena_strndup(arena, wanted, length)))
			return false;
		wanted += length;
		wanted += strspn(wanted, ", ");
	}
	return true;
}

static enum status show_refusal(struct request *req, struct response *res,
				const struct oauth_state *begun, const struct tiktok_user *user,
				const struct connect_result *result)
{
	if (result->outcome == CONNECT_OTHER_USER)
		return show_failure(req, res, oauth_words("other_user"), NULL, begun);
	if (result->outcome == CONNECT_ENDING)
		return show_failure(req, res, oauth_words("ending"), NULL, begun);
	const char *cause = arena_printf(
		req->arena,
		"You were to reconnect %s, but chose %s on TikTok's page. Neither has changed.",
		*result->expected_name ? result->expected_name : "one account",
		*user->display_name ? user->display_name : "another account");
	/* Beginning again is for a new account now: without the id of the one that was meant. */
	struct oauth_state anew = { .return_path = begun->return_path };
	return show_failure(req, res, oauth_words("other_account"), cause, &anew);
}

static enum status finish(struct request *req, struct response *res,
			  const struct oauth_state *begun, const struct tiktok_tokens *tokens)
{
	const struct context *context = req->context;
	struct tiktok_user user;
	ask_user(req, tokens, &user);
	struct connect_grant grant = {
		.user_id = req->user_id,
		.account_id = begun->account_id,
		.session_id = req->session_id,
		.address = req->address,
		.open_id = tokens->open_id,
		.scope = tokens->scope,
		.access_token = tokens->access_token,
		.refresh_token = tokens->refresh_token,
		.expires_in = tokens->expires_in,
		.refresh_expires_in = tokens->refresh_expires_in,
		.display_name = user.display_name,
		.username = user.username,
		.avatar_url = user.avatar_url,
		.policy_version = context->policy.version,
		.policy_language =
			policy_accept_language(request_param(req, "HTTP_ACCEPT_LANGUAGE")),
	};
	struct connect_result result;
	struct db *db;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = connect_account(db, req->arena, req->config, context->keys, &grant, &result);
	if (st != STATUS_OK) {
		log_error("connection_not_stored status=%s", status_name(st));
		return show_failure(req, res, oauth_words("not_stored"), NULL, begun);
	}
	if (!connect_succeeded(result.outcome))
		return show_refusal(req, res, begun, &user, &result);

	response_cookie(res, COOKIE_SESSION, result.session_id,
			req->config->session_absolute_days * 86400, "Lax");
	if (!all_granted(req->arena, req->config->tiktok_scopes, tokens->scope))
		return response_redirect(res, "/accounts?notice=partial");
	if (result.posts_late > 0)
		return response_redirect(res, "/accounts?notice=late");
	return response_redirect(res, begun->return_path);
}

/* Give a grant that is of no use here back at once. Should that fail, it ends by itself within a day. */
static void give_back(struct request *req, const struct tiktok_tokens *tokens)
{
	const struct context *context = req->context;
	struct http_answer answer;
	struct tiktok_error error = { .code = "no_answer" };
	struct http_request request =
		tiktok_revoke_request(&context->tiktok, req->arena, tokens->access_token);
	request.timeout_seconds = REVOKE_TIMEOUT_SECONDS;
	request_db_release(req);
	enum status st = http_send(context->http, req->arena, &request, &answer);
	if (st == STATUS_OK)
		st = tiktok_revoke_parse(req->arena, &answer, &error);
	if (st != STATUS_OK)
		log_warn("proof_not_given_back code=%s remote_log=%s", error.code,
			 error.log_id ? error.log_id : "-");
}

/* Somebody has proved who they are, in order to erase: no token is kept. */
static enum status finish_proof(struct request *req, struct response *res,
				const struct oauth_state *begun, const struct tiktok_tokens *tokens)
{
	struct connect_proof proof;
	struct db *db;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = connect_prove(db, req->arena, tokens->open_id, req->session_id, req->address,
				   &proof);
	if (st != STATUS_OK) {
		/* Nothing is given back that may be in use here; what is not ends by itself within a day. */
		log_error("proof_not_stored status=%s", status_name(st));
		return show_failure(req, res, oauth_words("not_stored"), NULL, begun);
	}
	if (!proof.in_use)
		give_back(req, tokens);
	if (!proof.user_id)
		return show_failure(req, res, oauth_words("nothing_stored"), NULL, begun);
	response_cookie(res, COOKIE_SESSION, proof.session_id, SESSION_TO_ERASE_SECONDS, "Lax");
	return response_redirect(res, begun->return_path);
}

static enum status exchange(struct request *req, struct response *res,
			    const struct oauth_state *begun, const char *code)
{
	const struct context *context = req->context;
	struct http_answer answer;
	struct tiktok_tokens tokens;
	struct tiktok_error error = { .code = "no_answer" };
	struct http_request request =
		tiktok_code_request(&context->tiktok, req->arena, code, begun->code_verifier);
	/* TikTok may take its time; nobody shall wait for this connection meanwhile. */
	request_db_release(req);
	enum status st = http_send(context->http, req->arena, &request, &answer);
	if (st == STATUS_OK)
		st = tiktok_tokens_parse(req->arena, &answer, &tokens, &error);
	if (st != STATUS_OK)
		return exchange_failed(req, res, begun, st, &answer, &error);
	return begun->to_erase ? finish_proof(req, res, begun, &tokens)
			       : finish(req, res, begun, &tokens);
}

static enum status callback(struct request *req, struct response *res)
{
	const char *state = form_get(&req->query, "state");
	const char *code = form_get(&req->query, "code");
	const char *error = form_get(&req->query, "error");
	const char *browser = oauth_cookie_read(req);
	struct oauth_state begun;
	struct db *db;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = token_is_word(state) && browser
			     ? oauth_state_take(db, req->arena, state, browser, &begun)
			     : STATUS_NOT_FOUND;
	if (st == STATUS_NOT_FOUND) {
		log_warn("callback_failed code=bad_state cookie=%d", browser != NULL);
		return show_failure(req, res, oauth_words("bad_state"), NULL, NULL);
	}
	if (st != STATUS_OK)
		return st;
	if (error)
		return fail(req, res, &begun,
			    oauth_words_of_consent(error, form_get(&req->query, "error_type")));
	if (begun.user_id && begun.user_id != req->user_id)
		return fail(req, res, &begun, oauth_words("session_changed"));
	if (!code || !*code || strlen(code) > CODE_MAX_BYTES || !utf8_is_printable(code, false))
		return fail(req, res, &begun, oauth_words("no_code"));
	return exchange(req, res, &begun, code);
}

static enum status sign_out(struct request *req, struct response *res)
{
	struct db *db;
	enum status st = STATUS_OK;
	if (req->session_id)
		st = request_db(req, &db);
	if (req->session_id && st == STATUS_OK)
		st = session_sign_out(db, req->arena, req->session_id, req->user_id, req->address);
	if (st != STATUS_OK)
		return st;
	log_info("sign_out user=%" PRId64, req->user_id);
	response_cookie(res, COOKIE_SESSION, "", 0, "Lax");
	response_cookie(res, COOKIE_FORM, "", 0, "Strict");
	oauth_cookie_clear(res);
	response_header(res, "Clear-Site-Data", "\"cache\", \"cookies\", \"storage\"");
	return response_redirect(res, "/");
}

static const struct route routes[] = {
	{ "GET", "/oauth/callback", callback, ROUTE_PUBLIC },
	{ "POST", "/oauth/signout", sign_out, ROUTE_PUBLIC },
};

int main(void)
{
	return serve(&(struct service){ .name = "oauth_callback",
					.routes = routes,
					.route_count = ARRAY_SIZE(routes),
					.setup = setup });
}
