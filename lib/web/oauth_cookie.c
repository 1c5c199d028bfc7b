/* The cookie of a sign-in. */
#include "web/oauth_cookie.h"

#include "base/token.h"
#include "store/oauth_state.h"
#include "web/request.h"
#include "web/response.h"

static const char name[] = "__Host-spg-oauth";

const char *oauth_cookie_read(struct request *req)
{
	const char *word = request_cookie(req, name);
	return token_is_word(word) ? word : NULL;
}

void oauth_cookie_set(struct response *res, const char *word)
{
	response_cookie(res, name, word, OAUTH_STATE_SECONDS, "Lax");
}

void oauth_cookie_clear(struct response *res)
{
	response_cookie(res, name, "", 0, "Lax");
}
