/* Open lengths. */
#include "web/upload_length.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "store/db.h"
#include "store/upload.h"
#include "web/request.h"
#include "web/tus.h"
#include "web/upload_work.h"

/* For the quota; where it fails now, finishing does it. */
static void row_set_length(struct request *req, const struct work *work)
{
	struct db *db;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = upload_set_length(db, req->arena, work->id, work->sidecar.length);
	request_db_release(req);
	if (st != STATUS_OK)
		log_info("length_not_in_row upload=%.6s status=%s", work->id, status_name(st));
}

/* Does an open length agree with all that is known? Else answered. */
static bool length_is_possible(struct request *req, struct response *res, const struct work *work,
			       int64_t length)
{
	if (length > work->sidecar.length) {
		upload_refuse_excess(req, res, work, "");
		return false;
	}
	if (length >= work->part.length && req->content_length <= length - work->part.length)
		return true;
	work_add_state(req, res, work);
	if (length < work->part.length)
		tus_refuse(req, res, 400, "upload_length",
			   "The upload already has more bytes than Upload-Length says.");
	else
		tus_refuse(req, res, 413, "too_much",
			   "The request has more bytes than Upload-Length says.");
	return false;
}

static bool length_note(struct request *req, struct response *res, struct work *work,
			int64_t length)
{
	if (!length_is_possible(req, res, work, length))
		return false;
	work->sidecar.length = length;
	work->sidecar.length_open = false;
	enum status st = sidecar_write(work->store, req->arena, work->id, &work->sidecar);
	if (st != STATUS_OK) {
		work_refuse(req, res, st);
		return false;
	}
	FAILPOINT("upload_length_noted");
	row_set_length(req, work);
	return true;
}

bool upload_take_length(struct request *req, struct response *res, struct work *work)
{
	int64_t length;
	enum status st = tus_size_header(req, "HTTP_UPLOAD_LENGTH", &length);
	if (st == STATUS_NOT_FOUND)
		return true;
	if (st == STATUS_OK && work->sidecar.length_open)
		return length_note(req, res, work, length);
	if (st == STATUS_OK && length == work->sidecar.length)
		return true;
	tus_refuse(req, res, 400, "upload_length",
		   st == STATUS_OK ? "The length of this upload is known and cannot change."
				   : "Upload-Length must be one number of bytes.");
	return false;
}

void upload_refuse_excess(struct request *req, struct response *res, const struct work *work,
			  const char *detail)
{
	work_add_state(req, res, work);
	if (!work->sidecar.length_open)
		tus_refuse(req, res, 413, "too_much", detail);
	else if (work->sidecar.length >= TUS_MAX_SIZE)
		tus_refuse(req, res, 413, "too_large",
			   "Videos can have up to 4 GB (4,000,000,000 bytes).");
	else
		tus_refuse(
			req, res, 413, "quota_storage",
			arena_printf(req->arena,
				     "Your storage had room for %" PRId64
				     " bytes of this upload. Delete videos or cancel uploads that "
				     "you no longer need, then start it again.",
				     work->sidecar.length));
}
