/* Previews: the owner is checked here, nginx sends the file. */
#include "dashboard/dashboard.h"

#include <string.h>

#include "base/arena.h"
#include "media/video.h"
#include "store/video_list.h"
#include "web/request.h"
#include "web/response.h"
#include "web/view_library.h"

/* A user's file is shown inside a page, never as one (B13). */
static bool is_asked_as_page(struct request *req)
{
	static const char *const pages[] = { "document", "iframe", "frame", "embed", "object" };
	const char *dest = request_param(req, "HTTP_SEC_FETCH_DEST");
	for (size_t i = 0; dest && i < ARRAY_SIZE(pages); i++) {
		if (strcmp(dest, pages[i]) == 0)
			return true;
	}
	return false;
}

static enum status find(struct request *req, struct video_item *ret_video)
{
	struct db *db;
	int64_t id;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	return st == STATUS_OK ? video_get(db, req->arena, req->user_id, id, ret_video) : st;
}

static enum status send_file(struct request *req, struct response *res, const char *path,
			     const char *type, const char *name)
{
	/* RFC 6266 5, RFC 8187: percent-encoded UTF-8. */
	const char *disposition = arena_printf(req->arena, "%s; filename*=UTF-8''%s",
					       is_asked_as_page(req) ? "attachment" : "inline",
					       form_encode(req->arena, name));
	return response_file(res, &(struct response_file){
					  .address = arena_printf(req->arena, "/_media/%s", path),
					  .content_type = type,
					  .disposition = disposition,
					  .cache_control = "private, max-age=3600" });
}

enum status media_file(struct request *req, struct response *res)
{
	struct video_item video;
	enum status st = find(req, &video);
	if (st != STATUS_OK)
		return st;
	/* What the media process has not taken for a video is nobody's to play. */
	const char *type = video_content_type(video.container);
	if (!view_video_is_playable(&video))
		return STATUS_NOT_FOUND;
	return send_file(req, res, arena_printf(req->arena, "videos/%s", video.file), type,
			 *video.name ? video.name : "video");
}

enum status media_thumbnail(struct request *req, struct response *res)
{
	struct video_item video;
	enum status st = find(req, &video);
	if (st != STATUS_OK)
		return st;
	if (!video.has_thumbnail)
		return STATUS_NOT_FOUND;
	return send_file(req, res, arena_printf(req->arena, "frames/%s.jpg", video.file),
			 "image/jpeg", "thumbnail.jpg");
}

enum status media_strip(struct request *req, struct response *res)
{
	struct video_item video;
	enum status st = find(req, &video);
	if (st != STATUS_OK)
		return st;
	if (video.strip_frames == 0)
		return STATUS_NOT_FOUND;
	return send_file(req, res, arena_printf(req->arena, "frames/%s.strip.jpg", video.file),
			 "image/jpeg", "strip.jpg");
}
