/* Which version of policy and terms a user has agreed to. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/words.h"

struct arena;
struct db;

/* Has the user agreed to this version? One look into the primary key. */
MUST_CHECK enum status consent_find(struct db *db, struct arena *arena, int64_t user_id,
				    const char *version, bool *ret_given);

struct consent {
	int64_t user_id;
	const char *version;
	enum words_language language; /* of the texts that were shown */
	const char *how;	      /* "connect": by connecting; "page": by the page that asks */
	const char *address;	      /* of the client */
};

/*
 * Record that a user agreed, with an event in the record, which the caller lets be the last of the open
 * transaction; once for each version.
 */
MUST_CHECK enum status consent_record(struct db *db, struct arena *arena,
				      const struct consent *consent);
