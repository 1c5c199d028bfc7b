/* A user's limits, in words. */
#include "upload/upload.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/log.h"
#include "store/upload.h"
#include "web/request.h"

enum { UNFINISHED_RETRY_SECONDS = 60 };

static const char *size_words(struct arena *arena, int64_t bytes)
{
	if (bytes >= 1000000000)
		return arena_printf(arena, "%.1f GB", (double)bytes / 1e9);
	return arena_printf(arena, "%.1f MB", (double)bytes / 1e6);
}

static void refuse_bytes(struct request *req, struct response *res, const struct upload_new *upload,
			 const struct upload_verdict *verdict)
{
	struct arena *arena = req->arena;
	const char *needed = upload->length_open ? ""
						 : arena_printf(arena, " and this upload needs %s",
								size_words(arena, upload->length));
	tus_refuse(
		req, res, 413, "quota_storage",
		arena_printf(arena,
			     "Your storage is full: %s of %s are used%s. Delete videos or cancel "
			     "uploads that you no longer need, then start again.",
			     size_words(arena, verdict->usage.bytes),
			     size_words(arena, upload->limits.bytes), needed));
}

void quota_refuse(struct request *req, struct response *res, const struct upload_new *upload,
		  const struct upload_verdict *verdict)
{
	struct arena *arena = req->arena;
	const struct upload_usage *usage = &verdict->usage;
	switch (verdict->limit) {
	case UPLOAD_LIMIT_BYTES:
		refuse_bytes(req, res, upload, verdict);
		break;
	case UPLOAD_LIMIT_VIDEOS:
		tus_refuse(req, res, 413, "quota_videos",
			   arena_printf(arena,
					"You have %" PRId64 " videos, and %" PRId64
					" is the most that this server keeps for you. Delete some "
					"that you no longer need, then start again.",
					usage->videos, upload->limits.videos));
		break;
	case UPLOAD_LIMIT_PER_DAY:
		tus_refuse_for_now(
			req, res, 429, (int)usage->day_seconds, "quota_uploads",
			arena_printf(arena,
				     "You have begun %" PRId64 " uploads today, and %" PRId64
				     " is the most for one day. Go on after midnight UTC.",
				     usage->begun_today, upload->limits.per_day));
		break;
	case UPLOAD_LIMIT_UNFINISHED:
		tus_refuse_for_now(
			req, res, 429, UNFINISHED_RETRY_SECONDS, "too_many_uploads",
			arena_printf(arena,
				     "You have %" PRId64 " unfinished uploads, and %" PRId64
				     " is the most. Finish or cancel some of them first.",
				     usage->unfinished, upload->limits.unfinished));
		break;
	case UPLOAD_FITS:
		tus_refuse(req, res, 500, "internal_error",
			   "Something went wrong on this server. It has been noted.");
		break;
	}
	log_info("quota_refused limit=%d user=%" PRId64, (int)verdict->limit, upload->user_id);
}
