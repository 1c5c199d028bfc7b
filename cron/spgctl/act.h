/* The papers that prove an erasure (152-FZ, order 179 of Roskomnadzor; GDPR Art. 5(2)). */
#pragma once
#include "base/words.h"

struct arena;
struct config;
struct json_object;

/* Act of destruction and extract from the log, to be printed and signed; request: as `deletions show` has it. */
const char *act_text(struct arena *arena, const struct config *config, struct json_object *request,
		     enum words_language language);
