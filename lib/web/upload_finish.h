/*
 * From a complete part to a video (B53, U4-U7): file first, then the row, then the note in the
 * sidecar. Each step finds out what the ones before have left behind, so that any of them may be
 * interrupted and the whole be repeated.
 */
#pragma once
#include "base/status.h"

struct arena;
struct config;
struct db;
struct part;
struct part_store;
struct sidecar;

/*
 * The upload's file is sealed: make its video and note it. Sets sidecar->video_id. The partial uploads
 * of a final one are removed then, with all that belongs to them.
 * STATUS_NOT_FOUND: the upload was given up or its user is gone; STATUS_RETRY: database away.
 */
MUST_CHECK enum status upload_record(const struct config *config, struct db *db,
				     struct arena *arena, const struct part_store *store,
				     const char *id, struct sidecar *sidecar);

/*
 * The upload's part is locked and complete: sync and seal it, and upload_record() with a connection of
 * the pool. The same statuses; STATUS_REFUSED: disk full.
 */
MUST_CHECK enum status upload_finish_locked(const struct config *config, struct arena *arena,
					    struct part *part, struct sidecar *sidecar);

/*
 * Finish all uploads that are complete and were left so: by a crash, or because the database was
 * away. Leaves alone what somebody else is working on.
 */
void upload_finish_rest(const struct config *config, const struct part_store *store);

/* The same at once for those that an import has just completed; what fails is left to the above. */
void upload_finish_imports(const struct config *config, const struct part_store *store);
