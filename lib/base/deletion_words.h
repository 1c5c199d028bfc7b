/* What people read about an erasure, in the receipt and in the act of destruction. */
#pragma once
#include <stddef.h>

#include "base/words.h"

struct deletion_step_words {
	const char *name;	 /* of the step */
	struct words_text title; /* when it is done */
	struct words_text waits; /* how long it may take; "" for none */
};

/* The words of a step; NULL for an unknown one. */
const struct deletion_step_words *deletion_step_words(const char *name);

/* What the detail of a step means; NULL: none, or unknown. */
const struct words_text *deletion_detail_words(const char *detail);

/* Who asked, by origin ("user", ...). Never NULL. */
const struct words_text *deletion_origin_words(const char *origin);

/* What a kind of the inventory is, as something that was counted: "videos". NULL for an unknown one. */
const struct words_text *deletion_kind_words(const char *kind);
