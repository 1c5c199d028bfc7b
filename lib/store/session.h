/* Sessions: random ids that the database knows only by hash. Time-outs are the database's. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct config;
struct db;

/*
 * The user of a session that is alive, and note that it was seen (at most once a minute).
 * STATUS_NOT_FOUND when there is none, or it is past its idle or absolute time-out.
 */
MUST_CHECK enum status session_find(struct db *db, struct arena *arena, const struct config *config,
				    const char *session_id, int64_t *ret_user_id);

/*
 * The same for the program that erases, which a session that only proves who somebody is opens as well:
 * ret_only_erases says that it is such a one. No other program takes it.
 */
MUST_CHECK enum status session_find_to_erase(struct db *db, struct arena *arena,
					     const struct config *config, const char *session_id,
					     int64_t *ret_user_id, bool *ret_only_erases);

/* Open a session for a user; ret_session_id is the cookie's word. */
MUST_CHECK enum status session_open(struct db *db, struct arena *arena, const struct config *config,
				    int64_t user_id, const char **ret_session_id);

enum { SESSION_TO_ERASE_SECONDS = 3600 };

/* Open a session that only proves who somebody is, for SESSION_TO_ERASE_SECONDS. */
MUST_CHECK enum status session_open_to_erase(struct db *db, struct arena *arena, int64_t user_id,
					     const char **ret_session_id);

/*
 * The user leaves this browser (session_id), or all of them; audited with the client's address. user_id 0: the session
 * was dead, and only its row goes.
 */
MUST_CHECK enum status session_sign_out(struct db *db, struct arena *arena, const char *session_id,
					int64_t user_id, const char *address);
MUST_CHECK enum status session_sign_out_everywhere(struct db *db, struct arena *arena,
						   int64_t user_id, const char *address);

/* End a session; STATUS_OK also when it was gone. */
MUST_CHECK enum status session_close(struct db *db, struct arena *arena, const char *session_id);
