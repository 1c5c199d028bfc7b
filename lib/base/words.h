/*
 * What a code means to people: TikTok's error codes and fail_reasons (reference 1.4, 1.10, 3.1-3.10)
 * and our own, in one table. How a post goes on after one of TikTok's is remote/tiktok_error.h's.
 */
#pragma once

enum words_language { WORDS_EN, WORDS_RU };

enum words_who { WORDS_CREATOR, WORDS_OPERATOR, WORDS_TIKTOK, WORDS_NOBODY };

/* The same in each language; complete sentences, "" where there is nothing to say. Never NULL. */
struct words_text {
	const char *en, *ru;
};

struct words {
	const char *code;
	enum words_who who;	 /* who can help; nobody: time does, or nothing */
	struct words_text cause; /* what happened */
	const char *remedy_code; /* what helps, as a word for programs: one of words_remedy's */
	struct words_text next;	 /* what helps, or what happens next by itself */
};

/*
 * The words for a code. Never NULL: a code that is not in the table, and NULL, get words_unknown, to
 * be shown together with the code as it came.
 */
const struct words *words_find(const char *code);
extern const struct words words_unknown;

/* What a remedy_code asks for, whatever the cause; NULL when there is no such remedy_code. */
const struct words_text *words_remedy(const char *remedy_code);

/* The language by its name; English for names that are not known, and for NULL. */
enum words_language words_language(const char *name);

/* The text in a language. */
const char *words_in(struct words_text text, enum words_language language);

/* "creator", "operator", "tiktok" or "nobody". */
const char *words_who_name(enum words_who who);
