/* Stored words or those of the table. */
#include "web/view_reason.h"

#include <string.h>

#include "base/json.h"

const char *view_cause_text(const struct words *words, const char *stored,
			    enum words_language language)
{
	if (words == &words_unknown) {
		bool is_general = !stored || strcmp(stored, words_unknown.cause.en) == 0;
		return is_general ? words_in(words_unknown.cause, language) : stored;
	}
	return stored && language == WORDS_EN ? stored : words_in(words->cause, language);
}

/* What helps: the words for this cause, else those for the remedy alone, else those stored. */
static const char *remedy_text(const struct words *words, const struct view_reason *reason,
			       enum words_language language)
{
	const char *code = reason->remedy_code, *stored = reason->remedy_message;
	const struct words_text *alone = words_remedy(code);
	if (stored && (language == WORDS_EN || !alone))
		return stored;
	if (code && strcmp(words->remedy_code, code) == 0)
		return words_in(words->next, language);
	return alone ? words_in(*alone, language) : "";
}

void view_add_reason(struct json_object *view, const char *name, const char *remedy_name,
		     const struct view_reason *reason, enum words_language language)
{
	const struct words *words = words_find(reason->code);
	struct json_object *cause = NULL, *remedy = NULL;
	if (reason->code || reason->message) {
		cause = json_object_new_object();
		json_add_string(cause, "code", reason->code);
		json_add_string(cause, "message",
				view_cause_text(words, reason->message, language));
		json_add_string(cause, "who", words_who_name(words->who));
		json_add_bool(cause, "known", words != &words_unknown);
	}
	if (reason->remedy_code || reason->remedy_message) {
		remedy = json_object_new_object();
		json_add_string(remedy, "code", reason->remedy_code);
		json_add_string(remedy, "message", remedy_text(words, reason, language));
	}
	json_add(view, name, cause);
	json_add(view, remedy_name, remedy);
}
