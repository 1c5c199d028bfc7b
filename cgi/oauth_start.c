/*
 * GET /oauth/start: begins a sign-in. Notes a state for this browser and sends it to TikTok's
 * consent page; ?return=/path says where to go afterwards, ?account=ID which account is to be
 * reconnected, ?purpose=erase that somebody only proves who they are, in order to erase.
 */
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "base/log.h"
#include "base/number.h"
#include "base/token.h"
#include "remote/tiktok.h"
#include "store/db.h"
#include "store/oauth_state.h"
#include "templates.h"
#include "web/oauth_cookie.h"
#include "web/oauth_query.h"
#include "web/policy.h"
#include "web/return_path.h"
#include "web/serve.h"

/* A link on another site must not start a sign-in by itself (B24); typing the address may. */
static bool comes_from_elsewhere(struct request *req)
{
	const char *site = request_param(req, "HTTP_SEC_FETCH_SITE");
	return site && strcmp(site, "none") != 0 && strcmp(site, "same-origin") != 0;
}

static enum status show_button(struct request *req, struct response *res,
			       const struct oauth_state *begun)
{
	const struct policy *policy = req->context;
	CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
	json_add_string(view, "policy_version", policy->version);
	json_add_bool(view, "reconnect", begun->account_id != 0);
	json_add_bool(view, "to_erase", begun->to_erase);
	json_add_string(view, "query", oauth_query(req->arena, begun));
	return response_page(req, res, 200, "Connect TikTok", oauth_confirm_html, view);
}

/* STATUS_NOT_FOUND for an account id that cannot be one. */
static enum status read_query(struct request *req, struct oauth_state *ret_begun)
{
	*ret_begun = (struct oauth_state){
		.user_id = req->user_id,
		.return_path = return_path_or_home(form_get(&req->query, "return")),
	};
	const char *account = form_get(&req->query, "account");
	const char *purpose = form_get(&req->query, "purpose");
	/* Whoever is signed in here need not be whom they prove to be. */
	if (purpose && strcmp(purpose, "erase") == 0) {
		ret_begun->to_erase = true;
		ret_begun->user_id = 0;
		return STATUS_OK;
	}
	/* Signed out, whoever owns it reconnects it by signing in with it. */
	if (!account || !req->user_id)
		return STATUS_OK;
	return number_parse(account, 1, INT64_MAX, &ret_begun->account_id) == STATUS_OK
		       ? STATUS_OK
		       : STATUS_NOT_FOUND;
}

static enum status start(struct request *req, struct response *res)
{
	struct oauth_state begun;
	enum status st = read_query(req, &begun);
	if (st != STATUS_OK)
		return st;
	if (comes_from_elsewhere(req))
		return show_button(req, res, &begun);

	struct db *db;
	const char *state, *challenge = NULL;
	const char *browser = oauth_cookie_read(req);
	if (!browser)
		browser = token_new(req->arena);
	if (req->config->tiktok_pkce) {
		begun.code_verifier = token_new(req->arena);
		/* TikTok wants hex, not the base64url of RFC 7636 (reference 1.3). */
		challenge =
			token_sha256(req->arena, begun.code_verifier, strlen(begun.code_verifier)) +
			strlen("\\x");
	}
	st = request_db(req, &db);
	if (st == STATUS_OK)
		st = oauth_state_open(db, req->arena, browser, &begun, &state);
	if (st == STATUS_REFUSED) {
		log_warn("oauth_start_limited user=%s", param_int(req->arena, req->user_id));
		response_header(res, "Retry-After", "600");
		return response_error(req, res, 429, "too_many_starts", "Too many attempts",
				      "You have begun to connect TikTok very often in the last "
				      "minutes. Please wait ten minutes and try again.");
	}
	if (st != STATUS_OK)
		return st;
	const struct tiktok tiktok = { .config = req->config };
	oauth_cookie_set(res, browser);
	return response_redirect(
		res,
		tiktok_authorize_url(&tiktok, req->arena,
				     begun.to_erase ? TIKTOK_SCOPE_WHO : req->config->tiktok_scopes,
				     state, challenge));
}

static const struct route routes[] = {
	{ "GET", "/oauth/start", start, ROUTE_PUBLIC },
};

int main(void)
{
	return serve(&(struct service){ .name = "oauth_start",
					.routes = routes,
					.route_count = ARRAY_SIZE(routes),
					.setup = policy_setup });
}
