/*
 * The audit trail: who did what, as numbers and codes, without names or captions, so that it can outlive an erased
 * user (B101). Programs can add to it and cannot change it; each event carries a hash over itself and the one before,
 * which `spgctl events verify` computes anew. Where a request came from is kept apart and goes with its user.
 */
#pragma once
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

struct audit_event {
	const char *event;	     /* "sign_in", "callback_failed", ... */
	int64_t user_id, account_id; /* 0: none */
	const char *code;	     /* TikTok's or our own word for what happened; NULL: none */
	const char *log_id;	     /* of TikTok; NULL: none */
	int64_t post_id;	     /* 0: none */
	int64_t subject_id;  /* what it was about, where that is none of these; 0: nothing */
	const char *address; /* of the client, as nginx saw it; NULL: no request */
	const char
		*actor; /* Unix name of who runs the operator's tool; NULL in all other programs */
};

/*
 * Write one event, in the open transaction if there is one. It locks the end of the chain until the transaction ends:
 * let it be the last statement before the commit. An event has an address or an actor, not both.
 */
MUST_CHECK enum status audit_write(struct db *db, struct arena *arena,
				   const struct audit_event *event);
