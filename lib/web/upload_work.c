/* Working on an upload. */
#include "web/upload_work.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/failpoint.h"
#include "base/config.h"
#include "base/log.h"
#include "base/token.h"
#include "media/holder.h"
#include "media/join.h"
#include "web/csrf.h"
#include "web/request.h"
#include "web/response.h"
#include "web/tus.h"
#include "web/upload_check.h"
#include "web/upload_finish.h"
#include "web/upload_length.h"

enum {
	TAKE_OVER_MS = 3000, /* so long a holder may take to let go */
};

void work_refuse(struct request *req, struct response *res, enum status st)
{
	switch (st) {
	case STATUS_DENIED:
		tus_refuse(req, res, 401, "not_signed_in",
			   "Your session has ended. Sign in again, then continue the upload.");
		return;
	case STATUS_NOT_FOUND:
		tus_refuse(req, res, 404, "not_found",
			   "There is no such upload, or it is not yours.");
		return;
	case STATUS_CONFLICT:
		tus_refuse_for_now(req, res, 423, 2, "upload_busy",
				   "Another connection is still sending to this upload. Try again "
				   "in a moment.");
		return;
	case STATUS_REFUSED:
		tus_refuse_for_now(req, res, 507, 60, "disk_full",
				   "This server has no room for the file at the moment. What has "
				   "arrived is kept; try again later.");
		return;
	case STATUS_RETRY:
		tus_refuse_for_now(req, res, 503, 5, "temporarily_unavailable",
				   "This does not work right now. What has arrived is kept; try "
				   "again in a few seconds.");
		return;
	case STATUS_OK:
	case STATUS_INVALID:
	case STATUS_BROKEN:
		break;
	}
	tus_refuse(req, res, 500, "internal_error",
		   "Something went wrong on this server. It has been noted.");
}

bool work_is_welcome(struct request *req, struct response *res)
{
	if (!tus_version_check(req, res))
		return false;
	csrf_load(req);
	if (!req->session_id) {
		tus_refuse(req, res, 401, "not_signed_in",
			   "Sign in by connecting a TikTok account.");
		return false;
	}
	/* The upload's address is unguessable and does for a token; a wrong token is refused. */
	enum status st =
		request_param(req, "HTTP_X_CSRF_TOKEN") ? csrf_check(req) : csrf_check_origin(req);
	if (st == STATUS_OK)
		return true;
	tus_refuse(req, res, 403, "forbidden",
		   "Your session does not allow this. Reload the page and try again.");
	return false;
}

/* A session that has ended must not be let through later, while the database is away. */
static void session_forget(struct request *req, const struct work *work)
{
	CLEANUP(part) struct part part = PART_INIT;
	struct sidecar sidecar;
	if (part_open(work->store, work->id, /* wait_ms= */ 0, &part) != STATUS_OK ||
	    sidecar_read(work->store, req->arena, work->id, &sidecar) != STATUS_OK ||
	    !sidecar_session_drop(&sidecar, work->session.hash))
		return;
	if (sidecar_write(work->store, req->arena, work->id, &sidecar) != STATUS_OK)
		log_warn("session_not_forgotten upload=%.6s", work->id);
}

bool work_find(struct request *req, struct response *res, struct work *work)
{
	work->id = req->id;
	enum status st = token_is_name(req->id)
				 ? sidecar_read(work->store, req->arena, req->id, &work->sidecar)
				 : STATUS_NOT_FOUND;
	if (st == STATUS_OK) {
		st = upload_session_check(req, work->id, &work->sidecar, &work->session);
		if (st == STATUS_DENIED)
			session_forget(req, work);
	}
	if (st == STATUS_OK)
		return true;
	work_refuse(req, res, st);
	return false;
}

/* Whoever was to verify them has died: the part is cut back to what counts. */
static enum status discard_unverified(struct request *req, struct work *work)
{
	if (!work->sidecar.unverified)
		return STATUS_OK;
	log_info("unverified_bytes_discarded upload=%.6s bytes=%" PRId64, work->id,
		 work->part.length - work->sidecar.verified_length);
	enum status st = part_cut(&work->part, work->sidecar.verified_length);
	if (st != STATUS_OK)
		return st;
	FAILPOINT("unverified_cut");
	work->sidecar.unverified = false;
	return sidecar_write(work->store, req->arena, work->id, &work->sidecar);
}

bool work_lock(struct request *req, struct response *res, struct work *work)
{
	enum status st = part_open(work->store, work->id, TAKE_OVER_MS, &work->part);
	if (st == STATUS_OK)
		st = sidecar_read(work->store, req->arena, work->id, &work->sidecar);
	if (st == STATUS_OK && work_is_expired(work)) {
		tus_refuse(
			req, res, 410, "upload_expired",
			"This upload was not continued in time and has expired. Start it again.");
		return false;
	}
	if (st == STATUS_OK && work->session.is_news) {
		upload_session_note(req->config, &work->sidecar, &work->session);
		st = sidecar_write(work->store, req->arena, work->id, &work->sidecar);
	}
	if (st == STATUS_OK)
		st = discard_unverified(req, work);
	if (st == STATUS_OK)
		return true;
	work_refuse(req, res, st);
	return false;
}

bool work_is_expired(const struct work *work)
{
	return work->sidecar.video_id == 0 && work->sidecar.expires_at <= time(NULL);
}

bool work_is_complete(const struct work *work)
{
	return work->sidecar.video_id != 0 ||
	       sidecar_is_complete(&work->sidecar, work->part.length);
}

enum status work_sync(struct work *work)
{
	enum status st = STATUS_OK;
	if (!work->part.named && work->part.length > 0)
		st = sidecar_sync(work->store, work->id);
	return st == STATUS_OK ? part_sync(&work->part) : st;
}

enum status work_finish(struct request *req, struct work *work)
{
	struct db *db;
	if (work->sidecar.video_id != 0)
		return STATUS_OK;
	enum status st = part_sync(&work->part);
	if (st == STATUS_OK)
		st = part_seal(&work->part);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = upload_record(req->config, db, req->arena, work->store, work->id,
				   &work->sidecar);
	if (st == STATUS_OK)
		upload_check_wake();
	return st;
}

enum status work_join(struct request *req, struct work *work, int64_t milliseconds)
{
	enum status st = STATUS_OK;
	if (work->part.length < work->sidecar.length)
		st = join_step(&work->part, work->sidecar.part_count, milliseconds);
	if (st == STATUS_OK && work_is_complete(work))
		st = work_finish(req, work);
	return st;
}

void work_add_state(struct request *req, struct response *res, const struct work *work)
{
	bool finished = work->sidecar.video_id != 0;
	if (finished || work->sidecar.kind != SIDECAR_FINAL)
		tus_add_offset(req, res, finished ? work->sidecar.length : work->part.length);
	if (finished)
		tus_add_video(req, res, work->sidecar.video_id);
	else
		tus_add_expires(req, res, work->sidecar.expires_at);
}

enum receive_end {
	RECEIVE_ALL,	   /* the body is over */
	RECEIVE_CUT,	   /* it broke off */
	RECEIVE_TOO_MUCH,  /* it has more than the upload; the upload is complete */
	RECEIVE_DISK_FULL, /* what fitted was kept */
	RECEIVE_MISMATCH,  /* it has another digest than stated */
	RECEIVE_FAILED,
};

/* Bytes to the file, as far as they are the upload's. */
static enum receive_end keep(struct work *work, struct request_bytes *bytes)
{
	int64_t room = work->sidecar.length - work->part.length;
	bool too_much = (int64_t)bytes->length > room;
	if (too_much)
		request_bytes_shorten(bytes, (size_t)room);
	for (size_t i = 0; work->digest && i < bytes->count; i++)
		digest_update(work->digest, bytes->parts[i].iov_base, bytes->parts[i].iov_len);
	enum status st = part_append_pieces(&work->part, bytes->parts, bytes->count);
	if (st != STATUS_OK)
		return st == STATUS_REFUSED ? RECEIVE_DISK_FULL : RECEIVE_FAILED;
	return too_much ? RECEIVE_TOO_MUCH : RECEIVE_ALL;
}

/* Body to file. Ends with what is told being safe, whatever happens. */
static enum receive_end receive(struct request *req, struct work *work)
{
	const int idle_ms = (int)req->config->upload_idle_seconds * 1000;
	const time_t until = time(NULL) + req->config->upload_request_hours * 3600;
	enum receive_end end = RECEIVE_ALL;
	size_t got = 1;
	while (got > 0 && end == RECEIVE_ALL) {
		struct request_bytes bytes;
		enum status st = request_receive(req, idle_ms, &bytes);
		got = bytes.length;
		if (got > 0)
			end = keep(work, &bytes);
		request_bytes_release(&bytes);
		if (end == RECEIVE_ALL && (st != STATUS_OK || (got > 0 && time(NULL) >= until)))
			end = RECEIVE_CUT;
	}
	enum status st = work_sync(work);
	/* Given up while bytes came: whoever asks next is told. */
	if (st != STATUS_OK && st != STATUS_NOT_FOUND)
		return st == STATUS_REFUSED ? RECEIVE_DISK_FULL : RECEIVE_FAILED;
	return end;
}

/* The same while others can make it let go. */
static enum receive_end receive_as_holder(struct request *req, struct work *work,
					  enum holder_end *ret_ended)
{
	struct holder holder;
	int64_t verified_at = work->session.verified_at;
	holder_enter(&holder, work->id, request_descriptor(req), req->session_id,
		     work->sidecar.user_id, verified_at);
	enum receive_end end = receive(req, work);
	*ret_ended = holder_leave(&holder);
	bool changed = false;
	if (*ret_ended == HOLDER_REVOKED) {
		changed = sidecar_session_drop(&work->sidecar, work->session.hash);
	} else if (holder.verified_at > verified_at) {
		work->session.verified_at = holder.verified_at;
		upload_session_note(req->config, &work->sidecar, &work->session);
		changed = true;
	}
	/* What was erased must not come back. */
	if (changed && !part_is_gone(&work->part) &&
	    sidecar_write(work->store, req->arena, work->id, &work->sidecar) != STATUS_OK)
		log_warn("session_not_noted upload=%.6s", work->id);
	return end;
}

/* From here on, until verified_note(), the bytes that come do not count, whatever happens to us. */
static enum status unverified_note(struct request *req, struct work *work)
{
	if (work->sidecar.unverified)
		return STATUS_OK;
	work->sidecar.unverified = true;
	work->sidecar.verified_length = work->part.length;
	enum status st = sidecar_write(work->store, req->arena, work->id, &work->sidecar);
	FAILPOINT("unverified_noted");
	return st;
}

/* All that the part has counts again: what came is what was meant, or is gone. */
static enum status verified_note(struct request *req, struct work *work)
{
	work->sidecar.unverified = false;
	return part_is_gone(&work->part)
		       ? STATUS_NOT_FOUND
		       : sidecar_write(work->store, req->arena, work->id, &work->sidecar);
}

static bool digest_is(struct digest *digest, const struct tus_checksum *checksum)
{
	unsigned char bytes[DIGEST_BYTES_MAX];
	digest_end(digest, bytes);
	return memcmp(bytes, checksum->bytes, digest_size(checksum->kind)) == 0;
}

/* All of a body whose digest is stated, or nothing. */
static enum receive_end receive_checked(struct request *req, struct work *work,
					enum holder_end *ret_ended)
{
	int64_t begin = work->part.length;
	enum status st = unverified_note(req, work);
	if (st != STATUS_OK)
		return st == STATUS_REFUSED ? RECEIVE_DISK_FULL : RECEIVE_FAILED;
	CLEANUP(digest_free) struct digest *digest = digest_new(work->checksum.kind);
	work->digest = digest;
	enum receive_end end = receive_as_holder(req, work, ret_ended);
	work->digest = NULL;
	if (end == RECEIVE_ALL && !digest_is(digest, &work->checksum))
		end = RECEIVE_MISMATCH;
	FAILPOINT("unverified_received");
	if (end != RECEIVE_ALL)
		st = part_cut(&work->part, begin);
	if (st == STATUS_OK)
		st = verified_note(req, work);
	FAILPOINT("unverified_ended");
	if (st == STATUS_OK)
		return end;
	/* It stays noted as not verified, and whoever comes next cuts it. */
	work->part.length = begin;
	return RECEIVE_FAILED;
}

void work_receive(struct request *req, struct response *res, struct work *work)
{
	enum holder_end ended = HOLDER_GOES_ON;
	enum receive_end end = work->checksum.is_given ? receive_checked(req, work, &ended)
						       : receive_as_holder(req, work, &ended);
	enum status st = STATUS_OK;
	if (work_is_complete(work) && end != RECEIVE_FAILED)
		st = work_finish(req, work);
	if (st == STATUS_NOT_FOUND) {
		work_refuse(req, res, st);
		return;
	}
	switch (end) {
	case RECEIVE_ALL:
		if (st == STATUS_OK)
			return;
		break;
	case RECEIVE_CUT:
		st = ended == HOLDER_REVOKED ? STATUS_DENIED : STATUS_RETRY;
		break;
	case RECEIVE_TOO_MUCH:
		upload_refuse_excess(
			req, res, work,
			work->checksum.is_given
				? "More bytes came than the upload was announced with."
				: "More bytes came than the upload was announced with. "
				  "The announced ones are kept.");
		return;
	case RECEIVE_MISMATCH:
		work_add_state(req, res, work);
		tus_refuse(
			req, res, 460, "checksum_mismatch",
			"The bytes are not those that Upload-Checksum was made of. They were not "
			"kept; send them again.");
		return;
	case RECEIVE_DISK_FULL:
		st = STATUS_REFUSED;
		break;
	case RECEIVE_FAILED:
		st = STATUS_BROKEN;
		break;
	}
	work_add_state(req, res, work);
	work_refuse(req, res, st);
}
