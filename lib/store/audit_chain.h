/*
 * Proof of the audit trail: its chain of hashes computed anew, without the function in the database that made it. A
 * row that was changed, taken out or put in breaks the chain at its place; whoever rewrites the whole chain with it
 * cannot rewrite the heads that the janitor has written to the log each hour.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

enum { AUDIT_HASH_BYTES = 32 };

/* An event as the hash sees it, each field as PostgreSQL prints it; NULL where the column is NULL. */
struct audit_link {
	const char *position, *id, *at_epoch, *program, *event;
	const char *user_id, *account_id, *post_id, *subject_id;
	const char *code, *log_id, *actor;
};

/* The hash of an event that follows one with the hash before. */
void audit_link_hash(const unsigned char before[static AUDIT_HASH_BYTES],
		     const struct audit_link *link,
		     unsigned char ret_hash[static AUDIT_HASH_BYTES]);

/* One point of the chain. */
struct audit_head {
	int64_t position;
	unsigned char hash[AUDIT_HASH_BYTES];
};

/* Read "POSITION:HASH", HASH in hexadecimal. STATUS_INVALID when it is none. */
MUST_CHECK enum status audit_head_parse(const char *text, struct audit_head *ret_head);

/* The last event's position and its hash in hexadecimal, in the arena; for the log. */
MUST_CHECK enum status audit_head_read(struct db *db, struct arena *arena, int64_t *ret_position,
				       const char **ret_hash);

enum audit_break {
	AUDIT_WHOLE,
	AUDIT_CHANGED,	  /* the event is not what it was when it was written */
	AUDIT_MISSING,	  /* it was there and is not any more */
	AUDIT_ADDED,	  /* it stands where none was written */
	AUDIT_REPLACED,	  /* the chain is whole, but not the one that the head belongs to */
	AUDIT_NO_WITNESS, /* the event of the head was removed by age: it proves nothing any more */
};

/* As a lower-case word. Never NULL. */
const char *audit_break_name(enum audit_break kind);

struct audit_proof {
	enum audit_break kind;
	int64_t position;    /* where, unless whole */
	int64_t first, last; /* positions that were looked at; first is last + 1: none */
	int64_t events;
	const char *head; /* hash at last, in hexadecimal */
};

/*
 * Compute the chain from the oldest event that is kept to the newest, page by page, and hold it against witness, a
 * head from the log (NULL: none). STATUS_OK with what was found, whole or not; strings live in the arena.
 */
MUST_CHECK enum status audit_verify(struct db *db, struct arena *arena,
				    const struct audit_head *witness,
				    struct audit_proof *ret_proof);
