/*
 * Uploads: tus 1.0 with creation, creation-with-upload, termination and expiration.
 *
 *   upload [--threads N] [--check]
 *
 * The part file is the state, its length the offset (media/part.h); PATCH and HEAD need no
 * database. Two pools run this program: one that receives bytes, with a thread for each request
 * (upload_receivers), and a small one (--threads) for all that must not wait for them. One process
 * checks what has been uploaded (--check).
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/number.h"
#include "base/token.h"
#include "media/holder.h"
#include "media/part.h"
#include "store/db.h"
#include "store/session.h"
#include "store/upload.h"
#include "web/csrf.h"
#include "web/receivers.h"
#include "web/serve.h"
#include "web/tus.h"
#include "web/upload_check.h"
#include "web/upload_session.h"
#include "web/upload_work.h"

enum {
	UNFINISHED_MAX = 20, /* uploads of one user */
	THREADS_MAX = 64,
	THREADS_RESERVED = 4, /* they say at once that all others are receiving */
};

static struct part_store store;
static bool checks;
static int threads; /* 0: as many as the settings say */

static enum status describe(struct request *req, struct response *res)
{
	(void)req;
	tus_options(res);
	return STATUS_OK;
}

static enum status show_offset(struct request *req, struct response *res)
{
	CLEANUP(work) struct work work = WORK_INIT(&store);
	if (!work_is_welcome(req, res) || !work_find(req, res, &work))
		return STATUS_OK;
	if (work.sidecar.video_id == 0) {
		if (!work_lock(req, res, &work))
			return STATUS_OK;
		/* What is told is safe. An error would make clients begin anew: finishing can wait. */
		enum status st = part_sync(&work.part);
		if (st == STATUS_OK && work_is_complete(&work) &&
		    work_finish(req, &work) == STATUS_NOT_FOUND)
			st = STATUS_NOT_FOUND;
		if (st != STATUS_OK) {
			work_refuse(req, res, st);
			return STATUS_OK;
		}
	}
	work_add_state(req, res, &work);
	response_header(res, "Upload-Length",
			arena_printf(req->arena, "%lld", (long long)work.sidecar.length));
	if (*work.sidecar.metadata)
		response_header(res, "Upload-Metadata", work.sidecar.metadata);
	tus_answer(res, 200);
	return STATUS_OK;
}

/* One of the threads that may receive; else answered, so that nobody waits in silence. */
static bool receiver_enter(struct request *req, struct response *res, int64_t user_id)
{
	switch (receivers_enter(user_id)) {
	case RECEIVERS_WELCOME:
		return true;
	case RECEIVERS_FULL:
		log_warn("receivers_exhausted");
		tus_refuse_for_now(req, res, 503, 5, "too_many_uploads",
				   "Many uploads are running at the moment. Yours continues where "
				   "it stopped; try again in a few seconds.");
		return false;
	case RECEIVERS_USER_FULL:
		break;
	}
	log_warn("receivers_exhausted user=%lld", (long long)user_id);
	tus_refuse_for_now(req, res, 503, 5, "too_many_parallel_uploads",
			   "You are sending as many uploads at the same time as one person may. "
			   "This one continues as soon as another is done.");
	return false;
}

static enum status append_locked(struct request *req, struct response *res, struct work *work,
				 int64_t offset)
{
	int64_t rest = work->sidecar.length - work->part.length;
	if (offset != work->part.length) {
		work_add_state(req, res, work);
		tus_refuse(req, res, 409, "offset_differs",
			   "The upload does not stand where the request begins. Ask for its offset "
			   "and continue there.");
		return STATUS_OK;
	}
	if (req->content_length > rest) {
		work_add_state(req, res, work);
		tus_refuse(req, res, 413, "too_much",
			   "The request has more bytes than the upload was announced with.");
		return STATUS_OK;
	}
	work_receive(req, res, work);
	if (res->status == 0) {
		work_add_state(req, res, work);
		tus_answer(res, 204);
	}
	return STATUS_OK;
}

/* Nothing is left to be received: a repeated last PATCH learns what became of it. */
static enum status append_to_finished(struct request *req, struct response *res,
				      const struct work *work, int64_t offset)
{
	work_add_state(req, res, work);
	if (offset != work->sidecar.length)
		tus_refuse(req, res, 409, "offset_differs", "This upload is already complete.");
	else if (req->content_length > 0)
		tus_refuse(req, res, 413, "too_much", "This upload is already complete.");
	else
		tus_answer(res, 204);
	return STATUS_OK;
}

static enum status append_bytes(struct request *req, struct response *res)
{
	CLEANUP(work) struct work work = WORK_INIT(&store);
	int64_t offset;
	if (!work_is_welcome(req, res))
		return STATUS_OK;
	if (!tus_has_upload_body(req)) {
		tus_refuse(req, res, 415, "content_type",
			   "Send the bytes as application/offset+octet-stream.");
		return STATUS_OK;
	}
	if (tus_size_header(req, "HTTP_UPLOAD_OFFSET", &offset) != STATUS_OK) {
		tus_refuse(req, res, 400, "upload_offset",
			   "Upload-Offset must be given, as one number.");
		return STATUS_OK;
	}
	if (!work_find(req, res, &work))
		return STATUS_OK;
	if (work.sidecar.video_id != 0)
		return append_to_finished(req, res, &work, offset);
	if (!receiver_enter(req, res, work.sidecar.user_id))
		return STATUS_OK;
	enum status st = STATUS_OK;
	if (work_lock(req, res, &work))
		st = work.sidecar.video_id != 0 ? append_to_finished(req, res, &work, offset)
						: append_locked(req, res, &work, offset);
	receivers_leave(work.sidecar.user_id);
	return st;
}

/* STATUS_OK: there is no row any more. */
static enum status row_delete(struct request *req, struct work *work)
{
	struct db *db;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = upload_delete(db, work->id);
	/* No such row: gone, or finished without a note of it; then finishing says which video. */
	if (st == STATUS_NOT_FOUND && work_is_complete(work))
		st = work_finish(req, work);
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

static enum status give_up(struct request *req, struct response *res)
{
	CLEANUP(work) struct work work = WORK_INIT(&store);
	if (!work_is_welcome(req, res) || !work_find(req, res, &work) ||
	    (work.sidecar.video_id == 0 && !work_lock(req, res, &work)))
		return STATUS_OK;
	enum status st = work.sidecar.video_id == 0 ? row_delete(req, &work) : STATUS_OK;
	if (work.sidecar.video_id != 0) {
		work_add_state(req, res, &work);
		tus_refuse(req, res, 409, "upload_finished",
			   "This upload is complete and has become a video. Delete the video.");
		return STATUS_OK;
	}
	if (st != STATUS_OK) {
		work_refuse(req, res, st);
		return STATUS_OK;
	}
	sidecar_remove(&store, work.id);
	part_remove(&store, work.id);
	log_info("upload_given_up upload=%.6s bytes=%lld", work.id, (long long)work.part.length);
	tus_answer(res, 204);
	return STATUS_OK;
}

/* What a creation asks for. */
struct creation {
	int64_t length;
	const char *metadata, *name;
	bool with_bytes;
};

/* The headers of a creation; false: answered. */
static bool creation_read(struct request *req, struct response *res, struct creation *creation)
{
	enum status length = tus_size_header(req, "HTTP_UPLOAD_LENGTH", &creation->length);
	const char *defer = request_param(req, "HTTP_UPLOAD_DEFER_LENGTH");
	if (request_param(req, "HTTP_UPLOAD_CONCAT") ||
	    (defer && strcmp(defer, "1") == 0 && length == STATUS_NOT_FOUND)) {
		tus_refuse(req, res, 501, "not_offered",
			   "This server does not offer that extension. Announce the whole length "
			   "in Upload-Length and send one upload.");
		return false;
	}
	if (length != STATUS_OK || defer) {
		tus_refuse(req, res, 400, "upload_length",
			   "Upload-Length must be given, as one number of bytes.");
		return false;
	}
	creation->with_bytes = tus_has_upload_body(req);
	if (creation->length > TUS_MAX_SIZE) {
		tus_refuse(req, res, 413, "too_large",
			   "Videos can have up to 4 GB (4,000,000,000 bytes).");
		return false;
	}
	if (creation->with_bytes && req->content_length > creation->length) {
		tus_refuse(req, res, 413, "too_much",
			   "The request has more bytes than Upload-Length announces.");
		return false;
	}
	if (tus_metadata(req, &creation->metadata, &creation->name) != STATUS_OK) {
		tus_refuse(req, res, 400, "upload_metadata",
			   "Upload-Metadata must be pairs of a name and a Base64 value, each name "
			   "once, separated by commas, 4 KB at most.");
		return false;
	}
	return true;
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

/* Part and sidecar, safe on disk, or none of them. */
static enum status files_create(struct request *req, struct work *work)
{
	enum status st = part_create(&store, work->id, &work->part);
	if (st != STATUS_OK)
		return st;
	/* Nothing has been promised yet but the address; the first bytes make it safe. */
	st = sidecar_begin(&store, req->arena, work->id, &work->sidecar);
	if (st != STATUS_OK) {
		sidecar_remove(&store, work->id);
		part_remove(&store, work->id);
	}
	return st;
}

/* Row and files together. STATUS_CONFLICT: the user has too many uploads under way. */
static enum status work_create(struct request *req, const struct creation *creation,
			       struct work *work)
{
	struct db *db;
	int64_t keep_seconds = upload_keep_seconds(req->config);
	const struct upload_new row = {
		.id = token_name(req->arena),
		.user_id = req->user_id,
		.length = creation->length,
		.name = creation->name,
		.keep_seconds = keep_seconds,
		.unfinished_max = UNFINISHED_MAX,
	};
	work->id = row.id;
	work->session = upload_session_fresh(req);
	work->sidecar = (struct sidecar){
		.user_id = req->user_id,
		.length = creation->length,
		.metadata = creation->metadata,
		.created_at = work->session.verified_at,
	};
	upload_session_note(req->config, &work->sidecar, &work->session);
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = db_begin(db);
	if (st != STATUS_OK)
		return st;
	st = upload_insert(db, req->arena, &row);
	if (st == STATUS_REFUSED)
		return STATUS_CONFLICT;
	if (st == STATUS_INVALID)
		return STATUS_DENIED;
	if (st != STATUS_OK)
		return st;
	st = files_create(req, work);
	if (st != STATUS_OK)
		return st;
	FAILPOINT("upload_create_before_commit");
	st = db_commit(db);
	if (st != STATUS_OK) {
		sidecar_remove(&store, work->id);
		part_remove(&store, work->id);
	}
	return st;
}

static void refuse_creation(struct request *req, struct response *res, enum status st)
{
	if (st == STATUS_CONFLICT)
		tus_refuse_for_now(req, res, 429, 60, "too_many_uploads",
				   "You have 20 unfinished uploads. Finish or cancel some of them "
				   "first.");
	else
		work_refuse(req, res, st);
}

static enum status create(struct request *req, struct response *res)
{
	CLEANUP(work) struct work work = WORK_INIT(&store);
	struct creation creation;
	if (!creator_is_welcome(req, res) || !creation_read(req, res, &creation))
		return STATUS_OK;
	if (!part_store_has_room(&store, creation.length)) {
		log_error("media_disk_short wanted=%lld", (long long)creation.length);
		work_refuse(req, res, STATUS_REFUSED);
		return STATUS_OK;
	}
	if (creation.with_bytes && !receiver_enter(req, res, req->user_id))
		return STATUS_OK;
	enum status st = work_create(req, &creation, &work);
	request_db_release(req);
	if (st == STATUS_OK) {
		response_header(res, "Location", arena_printf(req->arena, "/uploads/%s", work.id));
		if (creation.with_bytes)
			work_receive(req, res, &work);
		else if (creation.length == 0)
			st = work_finish(req, &work);
	} else {
		refuse_creation(req, res, st);
	}
	if (creation.with_bytes)
		receivers_leave(req->user_id);
	if (res->status == 0) {
		work_add_state(req, res, &work);
		tus_answer(res, 201);
	}
	return STATUS_OK;
}

static const struct route routes[] = {
	{ .method = "OPTIONS", .path = "/uploads", .handler = describe, .access = ROUTE_OPEN },
	{ .method = "OPTIONS", .path = "/uploads/{id}", .handler = describe, .access = ROUTE_OPEN },
	{ .method = "POST",
	  .path = "/uploads",
	  .handler = create,
	  .access = ROUTE_OWN,
	  .stream = true,
	  .allow_override = true },
	{ .method = "HEAD",
	  .path = "/uploads/{id}",
	  .handler = show_offset,
	  .access = ROUTE_OWN,
	  .stream = true,
	  .allow_override = true },
	{ .method = "PATCH",
	  .path = "/uploads/{id}",
	  .handler = append_bytes,
	  .access = ROUTE_OWN,
	  .stream = true },
	{ .method = "DELETE",
	  .path = "/uploads/{id}",
	  .handler = give_up,
	  .access = ROUTE_OWN,
	  .stream = true },
};

static enum status setup(const struct config *config, void **ret_context)
{
	*ret_context = NULL;
	return part_store_open(config->media_dir, &store);
}

static enum status start(const struct config *config, void *context)
{
	(void)context;
	receivers_open(threads ? threads : (int)config->upload_receivers,
		       config->user_uploads_parallel);
	enum status st = holder_watch(&store);
	if (st == STATUS_OK)
		st = upload_session_watch(config);
	if (st == STATUS_OK && checks)
		st = upload_check_start(config, &store);
	return st;
}

/* How many threads: those that receive and some more, or as few as are asked for. */
static int threads_for(const struct config *config)
{
	return threads ? threads : (int)config->upload_receivers + THREADS_RESERVED;
}

int main(int argc, char **argv)
{
	int64_t number = 0;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--check") == 0)
			checks = true;
		else if (strcmp(argv[i], "--threads") != 0 || i + 1 == argc ||
			 number_parse(argv[++i], 1, THREADS_MAX, &number) != STATUS_OK) {
			fputs("usage: upload [--threads N] [--check]\n", stderr);
			return 2;
		}
	}
	threads = (int)number;
	const struct service service = {
		.name = "upload",
		.routes = routes,
		.route_count = ARRAY_SIZE(routes),
		.setup = setup,
		.start = start,
		.threads = threads_for,
	};
	int result = serve_threads(&service);
	upload_check_stop();
	return result;
}
