/* What an export says about itself: the schema of its files, in words. */
#pragma once
#include <stdbool.h>

struct arena;

/* What a kind of the inventory is, in some words of plain ASCII; its name where none are written. Never NULL. */
const char *guide_title(const char *kind);

/* README.txt: what is in the archive, field by field, and what is not, with the reason. In the arena. */
const char *guide_text(struct arena *arena, bool with_videos);
