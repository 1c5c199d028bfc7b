/*
 * Removing files below media_dir. Only names that uploads and videos can have are ever unlinked, by
 * descriptor of their directory and without following a link.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "media/part.h"

struct arena;

/*
 * Remove "videos/NAME", "frames/NAME.jpg" or "frames/NAME.strip.jpg". STATUS_OK also when it was
 * gone; STATUS_INVALID: not
 * such a path; STATUS_BROKEN (logged): the system refuses.
 */
MUST_CHECK enum status sweep_remove(const struct part_store *store, const char *path);

/* All files of an upload but the video that it became. */
MUST_CHECK enum status sweep_remove_upload(const struct part_store *store, const char *id);

/* A video and its previews. */
MUST_CHECK enum status sweep_remove_video(const struct part_store *store, const char *name);

enum sweep_folder { SWEEP_PARTS, SWEEP_VIDEOS, SWEEP_FRAMES };

/* "parts", "videos" or "frames". */
const char *sweep_folder_name(enum sweep_folder folder);

/* A walk over the files of one folder. */
struct sweep;

/* Begin a walk; the caller ends it by sweep_close. STATUS_BROKEN (logged): it cannot be read. */
MUST_CHECK enum status sweep_open(const struct part_store *store, enum sweep_folder folder,
				  struct sweep **ret_sweep);
void sweep_close(struct sweep *sweep);
DEFINE_CLEANUP(struct sweep *, sweep_close)

/* A file that was not changed for a while. */
struct sweep_file {
	const char *name; /* in its folder */
	const char *id;	  /* of the upload or video that it belongs to */
};

/*
 * The next at most max files last changed more than age_seconds ago; 0: the end. Names that are not
 * ours are left alone and counted in ret_foreign. Strings lie in the arena.
 */
size_t sweep_next(struct sweep *sweep, struct arena *arena, int64_t age_seconds,
		  struct sweep_file *ret_files, size_t max, int64_t *ret_foreign);

/* Remove a file that the walk has shown. STATUS_OK also when it was gone. */
MUST_CHECK enum status sweep_remove_file(const struct sweep *sweep, const char *name);
