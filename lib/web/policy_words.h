/*
 * What the privacy policy says of each kind of personal data in the inventory, in each language. A unit test holds both
 * tables against the inventory: a kind, or a rule of retention, without words fails.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/words.h"

struct arena;
struct config;
struct inventory_kind;

struct policy_words {
	const char *kind; /* of the inventory */
	const char *title;
	const char *what; /* what exactly is kept */
	const char *why;
	/* How long, where {name} stands for the period of a rule or setting (policy_fill). */
	const char *kept;
	const char *withheld; /* why it is not in the export; NULL where it is */
};

/* The tables, one for each language. */
extern const struct policy_words policy_words_en[], policy_words_ru[];
extern const size_t policy_words_en_count, policy_words_ru_count;

/* The words for a kind; NULL when there are none, which a test forbids. */
const struct policy_words *policy_words_find(const char *kind, enum words_language language);

/* The reason to have a kind of data, and what happens to it at erasure; complete sentences or phrases for a table. */
const char *policy_basis_words(const struct inventory_kind *kind, enum words_language language);
const char *policy_end_words(const struct inventory_kind *kind, enum words_language language);

/* What a scope of TikTok is asked for; never NULL. */
const char *policy_scope_words(const char *scope, enum words_language language);

/* What has changed since the version before, one sentence each. */
extern const struct words_text policy_changes[];
extern const size_t policy_changes_count;

/* "3 days", "1 hour"; "3 дня", "1 час". 0 is the next run of the janitor: "an hour". */
const char *policy_hours_text(struct arena *arena, int64_t hours, enum words_language language);

/*
 * The text with each {name} replaced by its period in this installation: name is a rule of kind, a setting that the
 * inventory knows, "state_minutes" or "posted_videos". NULL when a name means nothing.
 */
const char *policy_fill(struct arena *arena, const char *text, const struct inventory_kind *kind,
			const struct config *config, enum words_language language);
