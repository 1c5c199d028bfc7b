/* Why something stands where it stands and what helps, in the words of its reader. */
#pragma once
#include "base/words.h"

struct json_object;

/* As stored, in English; NULL: none. */
struct view_reason {
	const char *code, *message;
	const char *remedy_code, *remedy_message;
};

/*
 * Adds {"code", "message", "who", "known"} as name and {"code", "message"} as remedy_name, either null
 * where there is none. A code that is not known is to be shown with the words, as it came.
 */
void view_add_reason(struct json_object *view, const char *name, const char *remedy_name,
		     const struct view_reason *reason, enum words_language language);

/*
 * What happened. Stored words may hold a number: they are shown to readers of English, and to all
 * where the code has no words.
 */
const char *view_cause_text(const struct words *words, const char *stored,
			    enum words_language language);
