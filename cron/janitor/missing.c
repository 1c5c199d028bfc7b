/* Rows without a file. The reverse, files without a row, are orphans: removed by janitor.c. */
#include "janitor/missing.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/token.h"
#include "media/part.h"
#include "store/missing.h"

enum { VIDEOS_AT_ONCE = 500 };

/* What cannot be looked at is not called missing. */
static bool is_missing(const struct part_store *store, const struct missing_video *video)
{
	struct stat found;
	if (!token_is_name(video->file))
		return true;
	if (fstatat(store->videos, video->file, &found, AT_SYMLINK_NOFOLLOW) == 0)
		return !S_ISREG(found.st_mode);
	if (errno != ENOENT)
		log_error("video_file_unreadable video=%" PRId64 " error=%s", video->id,
			  strerror(errno));
	return errno == ENOENT;
}

static enum status check(struct db *db, struct arena *arena, const struct part_store *store,
			 const struct missing_video *video, int64_t *lost, int64_t *back)
{
	bool missing = is_missing(store, video);
	if (missing == video->is_noted)
		return STATUS_OK;
	enum status st = missing_note(db, arena, video->id, missing);
	/* Deleted in between: then its file has to be gone. */
	if (st == STATUS_NOT_FOUND)
		return STATUS_OK;
	if (st != STATUS_OK)
		return st;
	if (missing)
		log_error("video_file_missing video=%" PRId64 " file=%.6s user=%" PRId64
			  " remedy=restore media_dir/videos from a backup",
			  video->id, video->file, video->user_id);
	else
		log_info("video_file_is_back video=%" PRId64, video->id);
	*lost += missing;
	*back += !missing;
	return STATUS_OK;
}

enum status missing_check(struct db *db, const struct part_store *store,
			  const volatile sig_atomic_t *stopping)
{
	int64_t after = 0, lost = 0, back = 0;
	for (size_t count = 1; count > 0 && !*stopping;) {
		CLEANUP(arena) struct arena arena = { 0 };
		struct missing_video *videos;
		enum status st = missing_videos(db, &arena, after, VIDEOS_AT_ONCE, &videos, &count);
		for (size_t i = 0; st == STATUS_OK && i < count; i++) {
			st = check(db, &arena, store, &videos[i], &lost, &back);
			after = videos[i].id;
		}
		if (st != STATUS_OK)
			return st;
	}
	log_info("janitor_missing lost=%" PRId64 " back=%" PRId64, lost, back);
	return STATUS_OK;
}
