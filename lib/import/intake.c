/* Uploads filled by ourselves. */
#include "import/intake.h"

#include <stdio.h>
#include <time.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/token.h"
#include "store/db.h"
#include "store/upload.h"

enum { KEEP_SECONDS_MIN = 3600 };

static int64_t keep_seconds(const struct config *config)
{
	int64_t seconds = config->retention_uploads_days * 24 * 3600;
	return seconds < KEEP_SECONDS_MIN ? KEEP_SECONDS_MIN : seconds;
}

static void files_remove(const struct part_store *store, const char *id)
{
	sidecar_remove(store, id);
	part_remove(store, id);
}

static const char *code_of_limit(enum upload_limit limit)
{
	switch (limit) {
	case UPLOAD_LIMIT_BYTES:
		return "import_limit_bytes";
	case UPLOAD_LIMIT_VIDEOS:
		return "import_limit_videos";
	case UPLOAD_LIMIT_PER_DAY:
		return "import_limit_per_day";
	case UPLOAD_LIMIT_UNFINISHED:
	case UPLOAD_FITS:
		break;
	}
	return "import_limit_unfinished";
}

/* ret_length: what it may become. */
static enum status row_insert(const struct intake_place *place, struct arena *arena,
			      const struct intake_new *fresh, const char *id, int64_t *ret_length,
			      const char **ret_code)
{
	struct upload_verdict verdict = { .limit = UPLOAD_FITS };
	const struct upload_new row = {
		.id = id,
		.user_id = fresh->user_id,
		.length = fresh->length < 0 ? INTAKE_MAX_BYTES : fresh->length,
		.length_open = fresh->length < 0,
		.name = fresh->name,
		.keep_seconds = keep_seconds(place->config),
		.kind = "whole",
		.source = fresh->source,
		.limits = upload_limits_of(place->config),
	};
	enum status st = upload_insert(place->db, arena, &row, &verdict);
	*ret_length = verdict.length;
	*ret_code = code_of_limit(verdict.limit);
	return st == STATUS_INVALID ? STATUS_NOT_FOUND : st;
}

static enum status files_create(const struct intake_place *place, struct arena *arena,
				struct intake *intake)
{
	enum status st = part_create(place->store, intake->id, &intake->part);
	if (st == STATUS_OK)
		st = sidecar_write(place->store, arena, intake->id, &intake->sidecar);
	if (st != STATUS_OK) {
		files_remove(place->store, intake->id);
		part_close(&intake->part);
	}
	return st;
}

enum status intake_begin(const struct intake_place *place, struct arena *arena,
			 const struct intake_new *fresh, struct intake *ret_intake,
			 const char **ret_code)
{
	struct intake intake = INTAKE_INIT;
	int64_t now = time(NULL);
	snprintf(intake.id, sizeof(intake.id), "%s", token_name(arena));
	intake.sidecar = (struct sidecar){ .user_id = fresh->user_id,
					   .length_open = true,
					   .metadata = "",
					   .created_at = now,
					   .expires_at = now + keep_seconds(place->config) };
	*ret_code = "import_disk_full";
	if (!part_store_has_room(place->store, fresh->length > 0 ? fresh->length : 0,
				 place->config->media_reserve_gb))
		return STATUS_REFUSED;
	enum status st = db_begin(place->db);
	if (st == STATUS_OK)
		st = row_insert(place, arena, fresh, intake.id, &intake.sidecar.length, ret_code);
	if (st == STATUS_OK) {
		*ret_code = "import_disk_full";
		st = files_create(place, arena, &intake);
	}
	if (st != STATUS_OK) {
		db_rollback(place->db);
		return st;
	}
	*ret_intake = intake;
	return STATUS_OK;
}

enum status intake_commit(const struct intake_place *place, struct intake *intake)
{
	FAILPOINT("intake_before_commit");
	enum status st = db_commit(place->db);
	FAILPOINT("intake_after_commit");
	if (st != STATUS_OK) {
		/* Should it be there all the same, it is one that was left, and is given up later. */
		files_remove(place->store, intake->id);
		part_close(&intake->part);
	}
	return st;
}

void intake_abort(const struct intake_place *place, struct intake *intake)
{
	db_rollback(place->db);
	files_remove(place->store, intake->id);
	part_close(&intake->part);
}

enum status intake_resume(const struct intake_place *place, struct arena *arena, const char *id,
			  struct intake *ret_intake, bool *ret_complete)
{
	CLEANUP(intake) struct intake intake = INTAKE_INIT;
	if (!token_is_name(id))
		return STATUS_NOT_FOUND;
	enum status st = part_open(place->store, id, /* wait_ms= */ 0, &intake.part);
	if (st == STATUS_OK)
		st = sidecar_read(place->store, arena, id, &intake.sidecar);
	if (st != STATUS_OK)
		return st;
	*ret_complete = !intake.sidecar.length_open;
	snprintf(intake.id, sizeof(intake.id), "%s", id);
	*ret_intake = intake;
	intake.part.fd = -1;
	return STATUS_OK;
}

bool intake_is_complete(const struct intake_place *place, const char *id)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct sidecar sidecar;
	return token_is_name(id) && sidecar_read(place->store, &arena, id, &sidecar) == STATUS_OK &&
	       !sidecar.length_open;
}

enum status intake_extend(const struct intake_place *place, struct arena *arena, const char *id)
{
	return upload_extend(place->db, arena, id, keep_seconds(place->config));
}

enum status intake_complete(const struct intake_place *place, struct arena *arena,
			    struct intake *intake)
{
	enum status st = part_sync(&intake->part);
	if (st == STATUS_OK)
		st = part_hand_over(&intake->part);
	if (st == STATUS_OK)
		st = upload_set_length(place->db, arena, intake->id, intake->part.length);
	FAILPOINT("intake_before_complete");
	/* What was erased must not come back. */
	if (st == STATUS_OK && part_is_gone(&intake->part))
		st = STATUS_NOT_FOUND;
	if (st != STATUS_OK)
		return st;
	intake->sidecar.length = intake->part.length;
	intake->sidecar.length_open = false;
	intake->sidecar.expires_at = time(NULL) + keep_seconds(place->config);
	st = sidecar_write(place->store, arena, intake->id, &intake->sidecar);
	FAILPOINT("intake_after_complete");
	part_close(&intake->part);
	return st;
}

enum status intake_discard(const struct intake_place *place, const char *id)
{
	if (!token_is_name(id))
		return STATUS_OK;
	enum status st = upload_delete(place->db, id);
	/* No unfinished row: it is gone, or its file is a video's. */
	if (st == STATUS_NOT_FOUND)
		st = upload_is_known(place->db, id);
	else if (st == STATUS_OK)
		st = STATUS_NOT_FOUND;
	if (st == STATUS_NOT_FOUND) {
		files_remove(place->store, id);
		st = STATUS_OK;
	}
	return st;
}
