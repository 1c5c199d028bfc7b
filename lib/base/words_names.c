/* Languages of the words, and the names of who has to act. */
#include "base/words.h"

#include <stddef.h>
#include <string.h>

enum words_language words_language(const char *name)
{
	return name && strcmp(name, "ru") == 0 ? WORDS_RU : WORDS_EN;
}

const char *words_in(struct words_text text, enum words_language language)
{
	switch (language) {
	case WORDS_EN:
		return text.en;
	case WORDS_RU:
		return text.ru;
	}
	return text.en;
}

const char *words_who_name(enum words_who who)
{
	switch (who) {
	case WORDS_CREATOR:
		return "creator";
	case WORDS_OPERATOR:
		return "operator";
	case WORDS_TIKTOK:
		return "tiktok";
	case WORDS_NOBODY:
		return "nobody";
	}
	return "nobody";
}
