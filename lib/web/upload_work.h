/*
 * An upload while a request works on it: found, its owner recognised, its part locked, bytes received,
 * finished. What goes wrong is answered here, in words.
 */
#pragma once
#include <stdbool.h>

#include "base/status.h"
#include "media/part.h"
#include "media/sidecar.h"
#include "web/tus.h"
#include "web/upload_session.h"

struct digest;
struct request;
struct response;

struct work {
	const struct part_store *store;
	const char *id;
	struct upload_session session;
	struct sidecar sidecar;
	struct part part;	      /* locked by work_lock(); none of a finished upload */
	struct tus_checksum checksum; /* that the request states of its bytes */
	struct digest *digest;	      /* of those that have come, while a checksum is given */
};

#define WORK_INIT(store_)                                                                          \
	{                                                                                          \
		.store = (store_), .part = PART_INIT                                               \
	}

/* Release the part. */
static inline void work_cleanup(struct work *work)
{
	part_close(&work->part);
}

/* Answer with the words that belong to a status which is not STATUS_OK. */
void work_refuse(struct request *req, struct response *res, enum status st);

/* Protocol version, a session cookie, and no sign of another site; else false: answered. */
bool work_is_welcome(struct request *req, struct response *res);

/* Find the upload that req names and see that it is its user's; else false: answered. */
bool work_find(struct request *req, struct response *res, struct work *work);

/*
 * Take the part over from whoever holds it, and with it what the holder has noted; else false:
 * answered. The sidecar may say then that the upload is finished.
 */
bool work_lock(struct request *req, struct response *res, struct work *work);

/* It was not continued in time. */
bool work_is_expired(const struct work *work);

/* All bytes of a video are there. */
bool work_is_complete(const struct work *work);

/*
 * Make safe what is told: the bytes, and what is known of the upload before its first ones.
 * STATUS_NOT_FOUND: given up meanwhile; STATUS_REFUSED, STATUS_BROKEN: the disk.
 */
MUST_CHECK enum status work_sync(struct work *work);

/*
 * All bytes are there: make it a video, or find out which it is. STATUS_OK sets sidecar.video_id.
 * STATUS_NOT_FOUND: given up meanwhile; STATUS_RETRY: database away, ask again.
 */
MUST_CHECK enum status work_finish(struct request *req, struct work *work);

/*
 * Go on joining a final upload, whose part is locked, for about so many milliseconds, and finish it when
 * all is there. STATUS_OK also when there is more to do; else as work_finish().
 */
MUST_CHECK enum status work_join(struct request *req, struct work *work, int64_t milliseconds);

/*
 * Receive the body, never more than the upload's length, and finish when it is complete. Everything
 * that came is kept, whatever ended it; but with a checksum all of it counts or nothing. Answers only
 * what went wrong: res->status stays 0 otherwise.
 */
void work_receive(struct request *req, struct response *res, struct work *work);

/* Add offset and expiry, or offset and video, to the answer; a final upload has no offset before. */
void work_add_state(struct request *req, struct response *res, const struct work *work);
