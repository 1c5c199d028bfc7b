/*
 * Who may work on an upload: a session of its owner. The sidecar remembers which sessions the
 * database has vouched for, so that bytes keep coming while the database is away; a session that has
 * ended is found out within a minute while it is there.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct config;
struct request;
struct sidecar;

enum { UPLOAD_SESSION_SECONDS = 60 }; /* so long the database is not asked again */

struct upload_session {
	const char *hash;
	int64_t verified_at; /* Unix time, s */
	bool is_news;	     /* the database has just been asked: upload_session_note() */
};

/* How long an upload is kept after somebody has worked on it, in seconds; an hour at least. */
int64_t upload_keep_seconds(const struct config *config);

/* The session of req as an upload's sidecar knows it: verified just now. */
struct upload_session upload_session_fresh(struct request *req);

/*
 * May the session of req (which has one) work on the upload? Asking the database also prolongs the
 * upload's life. STATUS_DENIED: the session has ended; STATUS_NOT_FOUND: it is another user's;
 * STATUS_RETRY: the database is away and the session is not known here.
 */
MUST_CHECK enum status upload_session_check(struct request *req, const char *id,
					    const struct sidecar *sidecar,
					    struct upload_session *ret_session);

/* Note in the sidecar what the check has found; the caller writes it. */
void upload_session_note(const struct config *config, struct sidecar *sidecar,
			 const struct upload_session *session);

/* Start the thread that checks the sessions of long requests (media/holder.h) and ends them. */
MUST_CHECK enum status upload_session_watch(const struct config *config);
