/*
 * Privacy policy, terms and consent: their version, the operator's own paragraphs (policy_dir), the language that a
 * reader wants, and whether a signed-in user has agreed.
 */
#pragma once
#include <stdbool.h>

#include "base/status.h"
#include "base/words.h"

struct config;
struct json_object;
struct request;
struct response;

/* Changes with every change of meaning of the texts. */
#define POLICY_TEXT_VERSION "2.0"
#define POLICY_DATE_EN	    "26 November 2026"
#define POLICY_DATE_RU	    "26 ноября 2026 г."

enum policy_text { POLICY_PRIVACY, POLICY_TERMS };
enum { POLICY_TEXTS = 2, POLICY_LANGUAGES = 2, POLICY_OWN_MAX_BYTES = 64 * 1024 };

struct policy {
	/* "2.0", or "2.0+1a2b3c4d" with eight digits of a hash over the operator's paragraphs. */
	const char *version;
	/* Arrays of {heading, text}, one of the two null; NULL: the operator has none in that language. */
	struct json_object *own[POLICY_TEXTS][POLICY_LANGUAGES];
};

/*
 * Read the operator's paragraphs, where policy_dir names a folder; they live as long as the process. A file that is
 * not there is none. STATUS_BROKEN (logged) for one that is unreadable, too large, empty or no plain UTF-8: a legal
 * text must not go missing unseen, so the program does not start.
 */
MUST_CHECK enum status policy_load(const struct config *config, struct policy *ret_policy);

/* policy_load for a service whose context is the policy alone. */
MUST_CHECK enum status policy_setup(const struct config *config, void **ret_context);

/* The operator's paragraphs of a text, in the other language where there are none in this one; NULL: none. Borrowed. */
struct json_object *policy_own(const struct policy *policy, enum policy_text text,
			       enum words_language language);

/* Russian where an Accept-Language header (NULL: none) prefers it to English, else English. */
enum words_language policy_accept_language(const char *header);

/* The language for a page of texts: ?lang=ru or ?lang=en, else what the browser prefers. */
enum words_language policy_language(struct request *req);

/* Members that all pages with these texts show: version, date, changes, lang, is_russian, public_url. */
void policy_add_members(struct request *req, const struct policy *policy,
			enum words_language language, struct json_object *view);

/*
 * The admit of a service whose context is a struct policy: who has not agreed to the current version is led from pages
 * to /accept, and may change nothing through the API but delete. ret_done: res has the answer.
 */
MUST_CHECK enum status policy_admit(struct request *req, struct response *res, bool *ret_done);
