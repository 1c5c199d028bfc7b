/* The audit trail as one user may read it: what was done by them and about them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "store/when.h"

struct arena;
struct db;

struct record_event {
	int64_t id;
	struct moment at;
	const char *event;	  /* "sign_in" */
	int64_t account_id;	  /* 0: none */
	const char *account_name; /* NULL: none, or it is gone */
	int64_t post_id;	  /* 0: none */
	const char *code;	  /* NULL: none */
	const char *log_id;	  /* of TikTok; NULL: none */
	const char *address; /* "203.0.113.7", after a while "203.0.113.0/24"; NULL: not kept */
	bool by_operator;
};

/* At most limit events of the user with ids below before (0: the newest), the newest first; text in the arena. */
MUST_CHECK enum status record_list(struct db *db, struct arena *arena, int64_t user_id,
				   int64_t before, int64_t limit, struct record_event **ret_events,
				   size_t *ret_count);
