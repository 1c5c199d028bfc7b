/* New uploads, whole or partial: what they ask for, the user's limits, row and files. */
#include "upload/upload.h"

#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/token.h"
#include "media/join.h"
#include "media/part.h"
#include "store/db.h"
#include "store/session.h"
#include "store/upload.h"
#include "web/csrf.h"
#include "web/receivers.h"
#include "web/request.h"
#include "web/response.h"
#include "web/upload_session.h"
#include "web/upload_work.h"

/* Exactly one of the two headers. */
static bool read_length(struct request *req, struct response *res, struct creation *creation)
{
	enum status st = tus_size_header(req, "HTTP_UPLOAD_LENGTH", &creation->length);
	const char *defer = request_param(req, "HTTP_UPLOAD_DEFER_LENGTH");
	bool is_open = defer && strcmp(defer, "1") == 0 &&
		       request_param_count(req, "HTTP_UPLOAD_DEFER_LENGTH") == 1;
	if (defer ? !is_open || st != STATUS_NOT_FOUND : st != STATUS_OK) {
		tus_refuse(req, res, 400, "upload_length",
			   "Give Upload-Length as one number of bytes, or Upload-Defer-Length: 1.");
		return false;
	}
	creation->length_open = is_open;
	if (is_open)
		creation->length = TUS_MAX_SIZE;
	if (creation->length > TUS_MAX_SIZE) {
		tus_refuse(req, res, 413, "too_large",
			   "Videos can have up to 4 GB (4,000,000,000 bytes).");
		return false;
	}
	return true;
}

bool creation_read_names(struct request *req, struct response *res, struct creation *creation)
{
	if (tus_metadata(req, &creation->metadata, &creation->name) == STATUS_OK)
		return true;
	tus_refuse(req, res, 400, "upload_metadata",
		   "Upload-Metadata must be pairs of a name and a Base64 value, each name once, "
		   "separated by commas, 4 KB at most.");
	return false;
}

/* The headers of a creation that is not final; false: answered. */
static bool read_headers(struct request *req, struct response *res, struct creation *creation)
{
	creation->kind = creation->concat.is_partial ? SIDECAR_PARTIAL : SIDECAR_WHOLE;
	creation->with_bytes = tus_has_upload_body(req);
	if (!read_length(req, res, creation) || !creation_read_names(req, res, creation) ||
	    !tus_checksum_check(req, res, &creation->checksum))
		return false;
	if (!creation->with_bytes || req->content_length <= creation->length)
		return true;
	tus_refuse(req, res, 413, "too_much",
		   "The request has more bytes than Upload-Length announces.");
	return false;
}

/* Who may create: signed in, with the token; else answered. */
static bool creator_is_welcome(struct request *req, struct response *res)
{
	struct db *db;
	if (!work_is_welcome(req, res))
		return false;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = session_find(db, req->arena, req->config, req->session_id, &req->user_id);
	if (st != STATUS_OK) {
		work_refuse(req, res, st == STATUS_NOT_FOUND ? STATUS_DENIED : st);
		return false;
	}
	if (csrf_check(req) == STATUS_OK)
		return true;
	tus_refuse(req, res, 403, "csrf_token", "Send the X-CSRF-Token that /api/v1/me gives you.");
	return false;
}

bool creation_fits_disk(struct request *req, struct response *res, int64_t length)
{
	const struct part_store *store = req->context;
	if (part_store_has_room(store, length, req->config->media_reserve_gb))
		return true;
	log_error("media_disk_short wanted=%lld", (long long)length);
	work_refuse(req, res, STATUS_REFUSED);
	return false;
}

static void files_remove(const struct work *work)
{
	if (join_unlink(work->store, work->id) != STATUS_OK)
		log_warn("links_left upload=%.6s", work->id);
	sidecar_remove(work->store, work->id);
	part_remove(work->store, work->id);
}

/*
 * Part and sidecar. Of most nothing has been promised yet but the address, and the first bytes make them
 * safe; but links and what says that bytes do not count have to be on the disk before.
 */
static enum status files_create(struct request *req, struct work *work)
{
	bool safe = work->sidecar.unverified || work->sidecar.kind == SIDECAR_FINAL;
	enum status st = part_create(work->store, work->id, &work->part);
	if (st != STATUS_OK)
		return st;
	return safe ? sidecar_write(work->store, req->arena, work->id, &work->sidecar)
		    : sidecar_begin(work->store, req->arena, work->id, &work->sidecar);
}

/* The parts of a final upload, each once. */
static void name_parts(struct request *req, const struct sidecar *sidecar, struct upload_new *row)
{
	const char **ids = arena_alloc(req->arena, (sidecar->part_count + 1) * sizeof(*ids));
	size_t count = 0;
	for (size_t i = 0; i < sidecar->part_count; i++) {
		size_t at = 0;
		while (at < count && strcmp(ids[at], sidecar->parts[i]) != 0)
			at++;
		if (at == count)
			ids[count++] = sidecar->parts[i];
	}
	row->parts = ids;
	row->part_count = count;
}

/* Statuses as upload_insert(); the row is there for others only when the files are. */
static enum status row_and_files(struct request *req, struct work *work,
				 const struct upload_new *row, struct upload_verdict *ret_verdict)
{
	struct db *db;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = db_begin(db);
	if (st == STATUS_OK)
		st = upload_insert(db, req->arena, row, ret_verdict);
	if (st != STATUS_OK)
		return st;
	work->sidecar.length = ret_verdict->length;
	st = files_create(req, work);
	if (st != STATUS_OK)
		return st == STATUS_REFUSED ? STATUS_CONFLICT : st;
	FAILPOINT("upload_create_before_commit");
	return db_commit(db);
}

static void refuse(struct request *req, struct response *res, enum status st,
		   const struct upload_new *row, const struct upload_verdict *verdict)
{
	if (st == STATUS_REFUSED)
		quota_refuse(req, res, row, verdict);
	else if (st == STATUS_INVALID)
		work_refuse(req, res, STATUS_DENIED);
	else if (st == STATUS_CONFLICT)
		work_refuse(req, res, STATUS_REFUSED);
	else if (st == STATUS_NOT_FOUND)
		tus_refuse(req, res, 400, "part_unknown",
			   "An upload that Upload-Concat names is not there any more.");
	else
		work_refuse(req, res, st);
}

bool creation_make(struct request *req, struct response *res, const struct creation *creation,
		   struct work *work)
{
	struct upload_verdict verdict;
	struct upload_new row = {
		.id = work->id,
		.user_id = req->user_id,
		.length = creation->length,
		.length_open = creation->length_open,
		.name = creation->name,
		.keep_seconds = upload_keep_seconds(req->config),
		.kind = sidecar_kind_name(creation->kind),
		.source = "tus",
		.limits = upload_limits_of(req->config),
	};
	struct sidecar *sidecar = &work->sidecar;
	name_parts(req, sidecar, &row);
	work->session = upload_session_fresh(req);
	sidecar->user_id = req->user_id;
	sidecar->kind = creation->kind;
	sidecar->length_open = creation->length_open;
	sidecar->metadata = creation->metadata;
	sidecar->concat = creation->concat.raw;
	sidecar->created_at = work->session.verified_at;
	sidecar->unverified = creation->with_bytes && creation->checksum.is_given;
	upload_session_note(req->config, sidecar, &work->session);
	enum status st = row_and_files(req, work, &row, &verdict);
	request_db_release(req);
	if (st == STATUS_OK)
		return true;
	files_remove(work);
	refuse(req, res, st, &row, &verdict);
	return false;
}

/* Make it, take the bytes that came with it, answer. */
static void create(struct request *req, struct response *res, const struct creation *creation)
{
	CLEANUP(work) struct work work = WORK_INIT(req->context);
	work.id = token_name(req->arena);
	if (!creation_make(req, res, creation, &work))
		return;
	response_header(res, "Location", arena_printf(req->arena, "/uploads/%s", work.id));
	work.checksum = creation->checksum;
	if (creation->with_bytes && req->content_length > work.sidecar.length)
		tus_refuse(req, res, 413, "too_much",
			   "The request has more bytes than your storage has room for.");
	else if (creation->with_bytes)
		work_receive(req, res, &work);
	else if (work_is_complete(&work) && work_finish(req, &work) != STATUS_OK)
		log_info("empty_upload_not_finished upload=%.6s", work.id);
	if (res->status == 0) {
		work_add_state(req, res, &work);
		tus_answer(res, 201);
	}
}

enum status creation_handle(struct request *req, struct response *res)
{
	struct creation creation = { 0 };
	if (!creator_is_welcome(req, res))
		return STATUS_OK;
	if (tus_concat(req, &creation.concat) != STATUS_OK) {
		tus_refuse(
			req, res, 400, "upload_concat",
			"Upload-Concat must be \"partial\", or \"final;\" and the addresses of 1 "
			"to 64 uploads of this server, separated by blanks, 7 KB at most.");
		return STATUS_OK;
	}
	if (creation.concat.is_final)
		return final_create(req, res, &creation);
	if (!read_headers(req, res, &creation))
		return STATUS_OK;
	/* What an open length will be nobody knows; writing leaves a floor free in any case. */
	if (!creation_fits_disk(req, res, creation.length_open ? 0 : creation.length) ||
	    (creation.with_bytes && !receiver_enter(req, res, req->user_id)))
		return STATUS_OK;
	create(req, res, &creation);
	if (creation.with_bytes)
		receivers_leave(req->user_id);
	return STATUS_OK;
}
