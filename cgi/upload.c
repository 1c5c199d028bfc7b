/*
 * Uploads: tus 1.0 with creation, creation-with-upload, creation-defer-length, checksum, concatenation,
 * termination and expiration.
 *
 *   upload [--threads N] [--check]
 *
 * The part file is the state, its length the offset (media/part.h); PATCH and HEAD need no
 * database. Two pools run this program: one that receives bytes, with a thread for each request
 * (upload_receivers), and a small one (--threads) for all that must not wait for them. One process
 * checks, hashes and repairs what has been uploaded, and joins what was sent in parts (--check).
 * Creations are in upload/.
 */
#include "upload/upload.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/log.h"
#include "base/number.h"
#include "media/holder.h"
#include "media/join.h"
#include "media/part.h"
#include "store/db.h"
#include "store/upload.h"
#include "web/receivers.h"
#include "web/serve.h"
#include "web/tus.h"
#include "web/upload_check.h"
#include "web/upload_hash.h"
#include "web/upload_join.h"
#include "web/upload_length.h"
#include "web/upload_repair.h"
#include "web/upload_session.h"
#include "web/upload_work.h"

enum {
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

/* What is told is safe. An error would make clients begin anew: finishing can wait. */
static enum status settle(struct request *req, struct work *work)
{
	enum status st = work_sync(work);
	if (st == STATUS_OK && work_is_complete(work) && work_finish(req, work) == STATUS_NOT_FOUND)
		st = STATUS_NOT_FOUND;
	return st;
}

/* A final upload that is not known to be a video: whoever joins it is not disturbed. */
static enum status settle_final(struct request *req, struct work *work)
{
	enum status st = part_open(work->store, work->id, /* wait_ms= */ 0, &work->part);
	if (st == STATUS_CONFLICT)
		return STATUS_OK;
	if (st == STATUS_OK)
		st = sidecar_read(work->store, req->arena, work->id, &work->sidecar);
	return st == STATUS_OK ? settle(req, work) : st;
}

static void describe_upload(struct request *req, struct response *res, const struct work *work)
{
	work_add_state(req, res, work);
	if (work->sidecar.length_open)
		response_header(res, "Upload-Defer-Length", "1");
	else
		tus_add_length(req, res, work->sidecar.length);
	if (*work->sidecar.concat)
		response_header(res, "Upload-Concat", work->sidecar.concat);
	if (*work->sidecar.metadata)
		response_header(res, "Upload-Metadata", work->sidecar.metadata);
	tus_answer(res, 200);
}

static enum status show_offset(struct request *req, struct response *res)
{
	CLEANUP(work) struct work work = WORK_INIT(&store);
	if (!work_is_welcome(req, res) || !work_find(req, res, &work))
		return STATUS_OK;
	enum status st = STATUS_OK;
	if (work.sidecar.video_id == 0 && work.sidecar.kind == SIDECAR_FINAL &&
	    !work_is_expired(&work)) {
		st = settle_final(req, &work);
	} else if (work.sidecar.video_id == 0) {
		if (!work_lock(req, res, &work))
			return STATUS_OK;
		st = settle(req, &work);
	}
	if (st != STATUS_OK) {
		work_refuse(req, res, st);
		return STATUS_OK;
	}
	describe_upload(req, res, &work);
	return STATUS_OK;
}

bool receiver_enter(struct request *req, struct response *res, int64_t user_id)
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
	if (offset != work->part.length) {
		work_add_state(req, res, work);
		tus_refuse(req, res, 409, "offset_differs",
			   "The upload does not stand where the request begins. Ask for its offset "
			   "and continue there.");
		return STATUS_OK;
	}
	if (!upload_take_length(req, res, work))
		return STATUS_OK;
	if (req->content_length > work->sidecar.length - work->part.length) {
		upload_refuse_excess(
			req, res, work,
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
static enum status append_to_finished(struct request *req, struct response *res, struct work *work,
				      int64_t offset)
{
	if (!upload_take_length(req, res, work))
		return STATUS_OK;
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
	if (!tus_checksum_check(req, res, &work.checksum) || !work_find(req, res, &work))
		return STATUS_OK;
	if (work.sidecar.kind == SIDECAR_FINAL) {
		tus_refuse(req, res, 403, "upload_final",
			   "This upload is joined from others; nothing can be sent to it.");
		return STATUS_OK;
	}
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

/* STATUS_OK: there is no row any more, and the parts of a final upload count for themselves again. */
static enum status row_delete(struct request *req, struct work *work)
{
	struct db *db;
	const struct sidecar *sidecar = &work->sidecar;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = db_begin(db);
	if (st != STATUS_OK)
		return st;
	st = upload_delete(db, work->id);
	if (st == STATUS_OK && sidecar->part_count > 0)
		st = upload_parts_free(db, req->arena, sidecar->user_id, sidecar->parts,
				       sidecar->part_count);
	if (st == STATUS_OK)
		return db_commit(db);
	db_rollback(db);
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
	if (join_unlink(&store, work.id) != STATUS_OK)
		log_warn("links_left upload=%.6s", work.id);
	sidecar_remove(&store, work.id);
	part_remove(&store, work.id);
	log_info("upload_given_up upload=%.6s bytes=%lld", work.id, (long long)work.part.length);
	tus_answer(res, 204);
	return STATUS_OK;
}

static const struct route routes[] = {
	{ .method = "OPTIONS", .path = "/uploads", .handler = describe, .access = ROUTE_OPEN },
	{ .method = "OPTIONS", .path = "/uploads/{id}", .handler = describe, .access = ROUTE_OPEN },
	{ .method = "POST",
	  .path = "/uploads",
	  .handler = creation_handle,
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
	*ret_context = &store;
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
	if (st == STATUS_OK && checks)
		st = upload_join_start(config, &store);
	if (st == STATUS_OK && checks)
		st = upload_hash_start(config, &store);
	if (st == STATUS_OK && checks)
		st = upload_repair_start(config, &store);
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
	upload_join_stop();
	upload_repair_stop();
	upload_hash_stop();
	upload_check_stop();
	return result;
}
