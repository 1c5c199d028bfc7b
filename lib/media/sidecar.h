/*
 * What is known of an upload without asking the database: parts/ID.info, JSON, replaced as a whole.
 * Written only by whoever holds the part's lock (media/part.h), or made the upload.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct part_store;

enum { SIDECAR_SESSIONS_MAX = 8 };

struct sidecar_session {
	const char *hash;    /* of the session id, never the id itself */
	int64_t verified_at; /* when the database last said that it is the owner's; Unix time, s */
};

struct sidecar {
	int64_t user_id;      /* the owner */
	int64_t length;	      /* bytes of the whole upload */
	const char *metadata; /* the Upload-Metadata header as it came, "" when there was none */
	int64_t created_at, expires_at; /* Unix time, s */
	int64_t video_id;		/* 0 until it is finished */
	struct sidecar_session sessions[SIDECAR_SESSIONS_MAX];
	size_t session_count;
};

/* Strings live in the arena. STATUS_NOT_FOUND: no such upload; STATUS_BROKEN (logged): damaged. */
MUST_CHECK enum status sidecar_read(const struct part_store *store, struct arena *arena,
				    const char *id, struct sidecar *ret_sidecar);

/* Safe on disk when it returns STATUS_OK, the directory included. STATUS_REFUSED: disk full. */
MUST_CHECK enum status sidecar_write(const struct part_store *store, struct arena *arena,
				     const char *id, const struct sidecar *sidecar);

/*
 * The same without waiting for the disk, for an upload that has no bytes yet: after a power cut it
 * may be gone. sidecar_sync() before the first bytes are told to be safe.
 */
MUST_CHECK enum status sidecar_begin(const struct part_store *store, struct arena *arena,
				     const char *id, const struct sidecar *sidecar);
MUST_CHECK enum status sidecar_sync(const struct part_store *store, const char *id);

/* Forget the upload; nothing happens when there is none. */
void sidecar_remove(const struct part_store *store, const char *id);

/* When the session was last verified; 0: unknown here. */
int64_t sidecar_session_verified(const struct sidecar *sidecar, const char *hash);

/* Note a verified session; the one not verified for longest makes room. hash is kept, not copied. */
void sidecar_session_note(struct sidecar *sidecar, const char *hash, int64_t verified_at);

/* Forget a session; true when it was known. */
bool sidecar_session_drop(struct sidecar *sidecar, const char *hash);
