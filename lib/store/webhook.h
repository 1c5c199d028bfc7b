/* Verified webhook deliveries: stored once each; the publisher gives them effect (B42). */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

struct webhook_event {
	const char *dedupe_key; /* bytea input */
	const char *event, *open_id;
	const char *publish_id, *public_id, *reason; /* NULL: none */
	int64_t sent_at;			     /* Unix seconds; 0: not told */
	bool ignored;				     /* nothing is to be done about it */
};

/* Store it, durable on return. ret_is_new: false for one that was stored before, without effect. */
MUST_CHECK enum status webhook_store(struct db *db, struct arena *arena,
				     const struct webhook_event *event, bool *ret_is_new);
