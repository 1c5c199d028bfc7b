/*
 * Protection of changes against other sites (B23): the browser's own word on where a request comes
 * from, and a token that only our pages and programs with the session know.
 */
#pragma once
#include "base/status.h"

struct request;

/*
 * Find the session cookie or, without one, the anonymous form cookie, and derive the token from it.
 * Sets session_id, csrf_token and, where the browser has neither, new_form_cookie.
 */
void csrf_load(struct request *req);

/* STATUS_DENIED when the browser says that the request comes from another site. */
MUST_CHECK enum status csrf_check_origin(struct request *req);

/* The origin check, and the X-CSRF-Token header or csrf_token field. STATUS_DENIED when one fails. */
MUST_CHECK enum status csrf_check(struct request *req);
