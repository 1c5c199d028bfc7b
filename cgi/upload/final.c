/* New uploads that are joined from partial ones. */
#include "upload/upload.h"

#include <time.h>

#include "base/arena.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/token.h"
#include "media/join.h"
#include "media/part.h"
#include "web/request.h"
#include "web/response.h"
#include "web/upload_join.h"
#include "web/upload_work.h"

enum { PART_WAIT_MS = 1000 };

/* Nothing but metadata may come with it; else answered. */
static bool read_headers(struct request *req, struct response *res, struct creation *creation)
{
	creation->kind = SIDECAR_FINAL;
	if (req->content_length > 0 || request_param(req, "HTTP_TRANSFER_ENCODING")) {
		tus_refuse(req, res, 403, "upload_final",
			   "An upload that is joined from others takes no bytes of its own.");
		return false;
	}
	if (request_param(req, "HTTP_UPLOAD_LENGTH") ||
	    request_param(req, "HTTP_UPLOAD_DEFER_LENGTH")) {
		tus_refuse(req, res, 400, "upload_length",
			   "An upload that is joined from others has their length; do not send "
			   "Upload-Length.");
		return false;
	}
	return creation_read_names(req, res, creation);
}

/* STATUS_NOT_FOUND: no partial upload of this user; STATUS_INVALID: not all of it is there. */
static enum status part_check(struct request *req, const char *id, struct part *ret_part)
{
	struct sidecar sidecar;
	enum status st = sidecar_read(req->context, req->arena, id, &sidecar);
	if (st != STATUS_OK)
		return st;
	if (sidecar.user_id != req->user_id || sidecar.kind != SIDECAR_PARTIAL ||
	    sidecar.expires_at <= time(NULL))
		return STATUS_NOT_FOUND;
	st = part_open(req->context, id, PART_WAIT_MS, ret_part);
	/* What it was before the lock does not count. */
	if (st == STATUS_OK)
		st = sidecar_read(req->context, req->arena, id, &sidecar);
	if (st != STATUS_OK)
		return st;
	bool whole =
		!sidecar.length_open && !sidecar.unverified && ret_part->length == sidecar.length;
	return whole ? part_sync(ret_part) : STATUS_INVALID;
}

/* Link all parts and add up their lengths. */
static enum status parts_link(struct request *req, const struct tus_concat *concat,
			      struct work *work, int64_t *ret_length)
{
	int64_t length = 0;
	for (size_t i = 0; i < concat->id_count; i++) {
		CLEANUP(part) struct part part = PART_INIT;
		enum status st = part_check(req, concat->ids[i], &part);
		if (st == STATUS_OK)
			st = join_link(&part, work->id, i + 1);
		if (st != STATUS_OK)
			return st;
		length += part.length;
		work->sidecar.parts[work->sidecar.part_count++] = concat->ids[i];
		FAILPOINT("upload_part_linked");
	}
	*ret_length = length;
	return STATUS_OK;
}

static void refuse_parts(struct request *req, struct response *res, enum status st)
{
	if (st == STATUS_NOT_FOUND)
		tus_refuse(req, res, 400, "part_unknown",
			   "Upload-Concat names something that is no partial upload of yours.");
	else if (st == STATUS_INVALID)
		tus_refuse(req, res, 400, "part_unfinished",
			   "Upload-Concat names an upload that is not complete. Finish it first.");
	else
		work_refuse(req, res, st);
}

/* Parts linked, limits kept, written down; else answered, and nothing is left. */
static bool make(struct request *req, struct response *res, struct creation *creation,
		 struct work *work)
{
	enum status st = parts_link(req, &creation->concat, work, &creation->length);
	if (st != STATUS_OK)
		refuse_parts(req, res, st);
	else if (creation->length > TUS_MAX_SIZE)
		tus_refuse(req, res, 413, "too_large",
			   "Videos can have up to 4 GB (4,000,000,000 bytes).");
	else if (creation_fits_disk(req, res, creation->length) &&
		 creation_make(req, res, creation, work))
		return true;
	if (join_unlink(work->store, work->id) != STATUS_OK)
		log_warn("links_left upload=%.6s", work->id);
	return false;
}

enum status final_create(struct request *req, struct response *res, struct creation *creation)
{
	CLEANUP(work) struct work work = WORK_INIT(req->context);
	if (!read_headers(req, res, creation))
		return STATUS_OK;
	work.id = token_name(req->arena);
	if (!make(req, res, creation, &work))
		return STATUS_OK;
	FAILPOINT("upload_final_created");
	/* What is not done in this moment, or fails, is done by the checker's process. */
	enum status st = work_join(req, &work, UPLOAD_JOIN_REQUEST_MS);
	if (st != STATUS_OK)
		log_info("join_put_off upload=%.6s status=%s", work.id, status_name(st));
	response_header(res, "Location", arena_printf(req->arena, "/uploads/%s", work.id));
	work_add_state(req, res, &work);
	tus_answer(res, 201);
	return STATUS_OK;
}
