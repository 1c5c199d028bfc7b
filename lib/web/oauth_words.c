/* The words. */
#include "web/oauth_words.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/status.h"

/* clang-format off */
#define AGAIN	"Begin again"
#define NOTHING "Nothing was stored. Please begin again."
#define WAIT	"Nothing was stored. Please wait a minute and begin again."
#define TELL	"You can do nothing about it: please tell the operator of this site, who can correct it."

static const struct oauth_words table[] = {
	{ "unknown_error", 502, "TikTok did not connect the account",
	  "TikTok gave a reason that this site does not know.",
	  "Nothing was stored. Please begin again; if it stays so, tell the operator of this site.",
	  AGAIN },

	/* TikTok's, of the consent page or of the exchange */
	{ "access_denied", 403, "You did not connect an account",
	  "TikTok says that access was not granted.",
	  "If you pressed Cancel, nothing has changed and you can begin again whenever you like. If "
	  "you did not, TikTok may not allow this account to use this site.", AGAIN },
	{ "non_sandbox_target", 403, "This TikTok account is not on the list",
	  "This site's TikTok app is in test mode: only accounts on its list of target users may "
	  "connect.",
	  "Ask the operator of this site to add your account to the list, then begin again.", AGAIN },
	{ "invalid_grant", 400, "That took too long, or came twice",
	  "TikTok's permission is good for a short time and for one use, and this one was no longer.",
	  NOTHING, AGAIN },
	{ "unauthorized_client", 502, "This site cannot connect accounts yet",
	  "TikTok says that this site's app is not live, or may not sign people in.", TELL, NULL },
	{ "invalid_client", 502, "TikTok does not know this site",
	  "TikTok does not accept this site's client key or secret.", TELL, NULL },
	{ "invalid_scope", 502, "This site asks for too much",
	  "This site's TikTok app lacks a permission that it asks for.", TELL, NULL },
	{ "invalid_request", 502, "TikTok did not understand this site",
	  "TikTok found the request of this site malformed.", TELL, NULL },
	{ "unsupported_response_type", 502, "TikTok did not understand this site",
	  "TikTok found the request of this site malformed.", TELL, NULL },
	{ "unsupported_grant_type", 502, "TikTok did not understand this site",
	  "TikTok found the request of this site malformed.", TELL, NULL },
	{ "server_error", 503, "TikTok had a problem",
	  "TikTok could not finish because of an error of its own.", WAIT, AGAIN },
	{ "temporarily_unavailable", 503, "TikTok is busy",
	  "TikTok is overloaded at the moment.", WAIT, AGAIN },
	{ "rate_limit_exceeded", 503, "TikTok is busy",
	  "TikTok limits how often this site may ask.", WAIT, AGAIN },

	/* our own */
	{ "no_answer", 503, "TikTok did not answer",
	  "This site asked TikTok for access and got no answer that makes sense.", WAIT, AGAIN },
	{ "bad_state", 400, "Please begin again",
	  "This answer of TikTok belongs to nothing that was begun in this browser within the last "
	  "ten minutes, or it was used before.",
	  "Nothing was stored. It happens when the consent page was open for long, when a page was "
	  "reloaded, or when cookies are blocked.", AGAIN },
	{ "no_code", 400, "TikTok sent no answer",
	  "TikTok led you back without a permission and without a reason.", NOTHING, AGAIN },
	{ "session_changed", 403, "You are not signed in as before",
	  "You began while signed in, and have been signed out or signed in as somebody else since.",
	  NOTHING, AGAIN },
	{ "not_stored", 503, "It could not be saved",
	  "TikTok gave access, but this site could not store it just now.", WAIT, AGAIN },
	{ "other_user", 409, "This account belongs to another user here",
	  "The TikTok account that you chose is connected to another user of this site, so it was not "
	  "added to yours. Nothing has changed.",
	  "If both are you: sign out, sign in with that TikTok account, disconnect it there, and then "
	  "connect it here.", NULL },
	{ "other_account", 409, "This is another TikTok account",
	  "It is not the account that was to be reconnected. Neither has changed.",
	  "You can connect the one that you chose as a new account of yours. For the one that was meant, "
	  "choose it on TikTok's page, or sign out at tiktok.com first.", "Connect it as a new account" },
	{ "nothing_stored", 404, "Nothing can be erased by this TikTok account",
	  "The TikTok account that you chose is not connected to anybody's data here. Nothing was connected.",
	  "If you have used this site with another TikTok account, begin again and choose that one.",
	  AGAIN },
	{ "ending", 409, "This account is just being disconnected",
	  "The TikTok account that you chose is being disconnected from this site, or its user asked "
	  "for erasure, and that is not finished.",
	  "Please wait until it is, usually a few minutes, and begin again.", AGAIN },
};
/* clang-format on */

const struct oauth_words *oauth_words(const char *code)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (strcmp(table[i].code, code) == 0)
			return &table[i];
	}
	return &table[0];
}

const struct oauth_words *oauth_words_of_consent(const char *error, const char *type)
{
	/* access_denied is not always a Cancel: the type tells (1.4). */
	bool not_a_target = type && strcmp(error, "access_denied") == 0 &&
			    strcmp(type, "non_sandbox_target") == 0;
	return oauth_words(not_a_target ? type : error);
}
