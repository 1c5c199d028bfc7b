/* CSRF. */
#include "web/csrf.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/log.h"
#include "base/token.h"
#include "web/request.h"
#include "web/response.h"

void csrf_load(struct request *req)
{
	const char *session = request_cookie(req, COOKIE_SESSION);
	if (token_is_word(session)) {
		req->session_id = session;
		req->csrf_token = token_derive(req->arena, "csrf of session", session);
		return;
	}
	const char *form = request_cookie(req, COOKIE_FORM);
	if (!token_is_word(form))
		form = req->new_form_cookie = token_new(req->arena);
	req->csrf_token = token_derive(req->arena, "csrf of form", form);
}

enum status csrf_check_origin(struct request *req)
{
	const char *site = request_param(req, "HTTP_SEC_FETCH_SITE");
	const char *origin = request_param(req, "HTTP_ORIGIN");
	bool foreign = site ? strcmp(site, "same-origin") != 0
			    : origin && strcmp(origin, req->config->public_url) != 0;
	if (!foreign)
		return STATUS_OK;
	log_warn("csrf_foreign_site path=%s", req->pattern);
	return STATUS_DENIED;
}

enum status csrf_check(struct request *req)
{
	if (csrf_check_origin(req) != STATUS_OK)
		return STATUS_DENIED;
	const char *sent = request_param(req, "HTTP_X_CSRF_TOKEN");
	if (!sent)
		sent = form_get(&req->form, "csrf_token");
	if (request_param_count(req, "HTTP_X_CSRF_TOKEN") <= 1 && !req->new_form_cookie &&
	    token_equal(sent, req->csrf_token))
		return STATUS_OK;
	log_warn("csrf_token_wrong path=%s", req->pattern);
	return STATUS_DENIED;
}
