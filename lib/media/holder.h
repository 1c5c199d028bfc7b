/*
 * The requests of this process that are writing to a part, and how to end one: its connection is shut
 * down for reading, so that it keeps what has come, lets go of the part and answers. Thread-safe.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "media/part.h"

enum holder_end {
	HOLDER_GOES_ON,
	HOLDER_WANTED,	/* somebody else needs the part */
	HOLDER_REVOKED, /* its session has ended */
};

enum { HOLDER_SESSION_SIZE = 64 };

/* Lives with the request; all members belong to holder.c between enter and leave. */
struct holder {
	struct holder *next;
	int64_t serial;
	char id[PART_ID_SIZE];
	int connection; /* descriptor that the bytes come from */
	char session_id[HOLDER_SESSION_SIZE];
	int64_t user_id;
	int64_t verified_at; /* when the session was last found to be the user's; Unix time, s */
	enum holder_end end;
};

/*
 * From now on this request can be ended. id, session_id are copied. It must leave before connection
 * is closed.
 */
void holder_enter(struct holder *holder, const char *id, int connection, const char *session_id,
		  int64_t user_id, int64_t verified_at);

/* No more; says whether and why it was ended. holder->verified_at stays readable. Wipes the session. */
enum holder_end holder_leave(struct holder *holder);

/*
 * A copy of some holder whose session was not verified since before and which goes on.
 * STATUS_NOT_FOUND when there is none. The caller wipes session_id.
 */
MUST_CHECK enum status holder_find_unverified(int64_t before, struct holder *ret_copy);

/* What came of checking the session of that copy. Harmless when its original has left. */
void holder_note_verified(const struct holder *copy, int64_t verified_at);
void holder_revoke(const struct holder *copy);

/* End the holder of a part in this process, if there is one. */
void holder_ask(const char *id);

/* Start the thread that watches for parts/ID.want. */
MUST_CHECK enum status holder_watch(const struct part_store *store);
