/* Finishing uploads. */
#include "web/upload_finish.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/token.h"
#include "media/join.h"
#include "media/part.h"
#include "media/sidecar.h"
#include "store/db.h"
#include "store/import.h"
#include "store/upload.h"
#include "web/pool.h"
#include "web/upload_session.h"

enum { IMPORTS_AT_ONCE = 50 };

/* A final upload is a video and noted as such: its parts have served. Each step may be repeated. */
static enum status parts_remove(struct db *db, struct arena *arena, const struct part_store *store,
				const char *id, struct sidecar *sidecar)
{
	enum status st = upload_parts_delete(db, arena, sidecar->user_id, sidecar->parts,
					     sidecar->part_count);
	if (st != STATUS_OK)
		return st;
	FAILPOINT("upload_parts_rows_gone");
	for (size_t i = 0; i < sidecar->part_count; i++) {
		sidecar_remove(store, sidecar->parts[i]);
		part_remove(store, sidecar->parts[i]);
	}
	st = join_unlink(store, id);
	if (st != STATUS_OK)
		return st;
	FAILPOINT("upload_parts_files_gone");
	sidecar->part_count = 0;
	return sidecar_write(store, arena, id, sidecar);
}

enum status upload_record(const struct config *config, struct db *db, struct arena *arena,
			  const struct part_store *store, const char *id, struct sidecar *sidecar)
{
	int64_t keep_seconds = upload_keep_seconds(config);
	FAILPOINT("upload_record_before_row");
	enum status st =
		upload_finish(db, arena, id, sidecar->length, keep_seconds, &sidecar->video_id);
	if (st != STATUS_OK)
		return st;
	FAILPOINT("upload_record_after_row");
	log_info("upload_finished upload=%.6s video=%" PRId64 " bytes=%" PRId64, id,
		 sidecar->video_id, sidecar->length);
	sidecar->expires_at = time(NULL) + keep_seconds;
	/* Where this fails the row still knows, and is asked again. */
	st = sidecar_write(store, arena, id, sidecar);
	if (st != STATUS_OK) {
		log_warn("upload_not_noted upload=%.6s status=%s", id, status_name(st));
		return STATUS_OK;
	}
	FAILPOINT("upload_record_after_note");
	if (sidecar->part_count > 0 && parts_remove(db, arena, store, id, sidecar) != STATUS_OK)
		log_warn("parts_not_removed upload=%.6s", id);
	return STATUS_OK;
}

enum status upload_finish_locked(const struct config *config, struct arena *arena,
				 struct part *part, struct sidecar *sidecar)
{
	struct db *db;
	enum status st = part_sync(part);
	if (st == STATUS_OK)
		st = part_seal(part);
	if (st == STATUS_OK)
		st = pool_take(config, "upload", &db);
	if (st != STATUS_OK)
		return st;
	st = upload_record(config, db, arena, part->store, part->id, sidecar);
	pool_give(db);
	return st;
}

static bool is_complete(const struct part_store *store, struct arena *arena, const char *id,
			struct sidecar *ret_sidecar)
{
	int64_t length;
	return sidecar_read(store, arena, id, ret_sidecar) == STATUS_OK &&
	       part_length(store, id, &length) == STATUS_OK &&
	       sidecar_is_complete(ret_sidecar, length);
}

static bool has_parts_left(const struct part_store *store, struct arena *arena, const char *id,
			   struct sidecar *ret_sidecar)
{
	return sidecar_read(store, arena, id, ret_sidecar) == STATUS_OK &&
	       ret_sidecar->video_id != 0 && ret_sidecar->part_count > 0;
}

static enum status remove_parts_left(const struct config *config, const struct part_store *store,
				     struct arena *arena, const char *id, struct sidecar *sidecar)
{
	struct db *db;
	enum status st = pool_take(config, "upload", &db);
	if (st != STATUS_OK)
		return st;
	st = parts_remove(db, arena, store, id, sidecar);
	pool_give(db);
	return st;
}

static enum status finish_one(const struct config *config, const struct part_store *store,
			      struct arena *arena, const char *id)
{
	struct sidecar sidecar;
	if (!is_complete(store, arena, id, &sidecar) && !has_parts_left(store, arena, id, &sidecar))
		return STATUS_OK;
	CLEANUP(part) struct part part = PART_INIT;
	/* Whoever had the lock may have finished it, or be about to. */
	if (part_open(store, id, /* wait_ms= */ 0, &part) != STATUS_OK)
		return STATUS_OK;
	if (is_complete(store, arena, id, &sidecar))
		return upload_finish_locked(config, arena, &part, &sidecar);
	if (has_parts_left(store, arena, id, &sidecar))
		return remove_parts_left(config, store, arena, id, &sidecar);
	return STATUS_OK;
}

/* The id that an entry of the parts directory is the sidecar of. */
static bool id_of_sidecar(const char *name, char id[static PART_ID_SIZE])
{
	size_t length = PART_ID_SIZE - 1;
	if (strlen(name) < length || strcmp(name + length, ".info") != 0)
		return false;
	memcpy(id, name, length);
	id[length] = '\0';
	return token_is_name(id);
}

void upload_finish_rest(const struct config *config, const struct part_store *store)
{
	int fd = openat(store->parts, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	if (!directory) {
		log_error("parts_unreadable error=%s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	struct arena arena = { 0 };
	const struct dirent *entry;
	enum status st = STATUS_OK;
	while (st != STATUS_RETRY && (entry = readdir(directory)) != NULL) {
		char id[PART_ID_SIZE];
		if (id_of_sidecar(entry->d_name, id))
			st = finish_one(config, store, &arena, id);
		arena_reset(&arena);
	}
	closedir(directory);
}

void upload_finish_imports(const struct config *config, const struct part_store *store)
{
	struct arena arena = { 0 };
	struct db *db;
	const char **ids;
	size_t count = 0;
	enum status st = pool_take(config, "upload", &db);
	if (st == STATUS_OK) {
		st = import_complete(db, &arena, IMPORTS_AT_ONCE, &ids, &count);
		pool_give(db);
	}
	for (size_t i = 0; st == STATUS_OK && i < count; i++) {
		if (token_is_name(ids[i]))
			st = finish_one(config, store, &arena, ids[i]);
	}
	arena_reset(&arena);
}
