/*
 * What people read when connecting fails: fixed words for each code, never what came with the
 * request (B31, reference 1.4 and 1.10).
 */
#pragma once

struct oauth_words {
	const char *code; /* TikTok's or our own; for log and audit as well */
	int http_status;
	const char *heading, *cause, *advice;
	const char *retry; /* what the button to begin anew says; NULL: there is none */
};

/* The words for a code; those of "unknown_error" for one that is not in the table. Never NULL. */
const struct oauth_words *oauth_words(const char *code);

/* The words for error= and error_type= (NULL: none) of the consent page. Never NULL. */
const struct oauth_words *oauth_words_of_consent(const char *error, const char *type);
