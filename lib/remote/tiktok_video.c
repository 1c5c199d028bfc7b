/* The creator's public videos (reference 2.2, 2.4). */
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "remote/tiktok_call.h"

enum {
	PAGE = 20, /* the most that TikTok gives at once */
	ANSWER_MAX_BYTES = 256 * 1024,
	TEXT_MAX_BYTES = 8 * 1024,
};

struct http_request tiktok_video_list_request(const struct tiktok *tiktok, struct arena *arena,
					      struct secret access_token)
{
	CLEANUP(json_object_put) struct json_object *body = json_object_new_object();
	json_add_int(body, "max_count", PAGE);
	struct http_request request = tiktok_call_json(
		tiktok, arena,
		"/v2/video/list/?fields=id,create_time,video_description,title,share_url",
		access_token, body);
	request.max_answer = ANSWER_MAX_BYTES;
	return request;
}

/*
 * What people wrote, to be compared and not to be shown: any characters. A text that cannot be read
 * must not pass for an empty one.
 */
static const char *written(struct arena *arena, struct json_object *video, const char *name)
{
	const char *text = "";
	if (json_get_string(video, name, &text) == STATUS_INVALID || strlen(text) > TEXT_MAX_BYTES)
		return "\xef\xbf\xbd"; /* U+FFFD */
	return arena_strdup(arena, text);
}

/* An address of TikTok's, or "". */
static const char *share_url(struct arena *arena, struct json_object *video)
{
	static const char origin[] = "https://www.tiktok.com/";
	const char *url = tiktok_call_text(arena, video, "share_url", TIKTOK_URL_MAX_BYTES);
	return strncmp(url, origin, strlen(origin)) == 0 ? url : "";
}

static bool read_video(struct arena *arena, struct json_object *object,
		       struct tiktok_video *ret_video)
{
	struct json_object *id;
	struct tiktok_video video = { 0 };
	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, "id", &id))
		return false;
	video.id = tiktok_call_id(arena, id);
	if (!video.id || json_get_int(object, "create_time", &video.create_time) != STATUS_OK ||
	    video.create_time <= 0)
		return false;
	video.description = written(arena, object, "video_description");
	video.title = written(arena, object, "title");
	video.share_url = share_url(arena, object);
	*ret_video = video;
	return true;
}

enum status tiktok_video_list_parse(struct arena *arena, const struct http_answer *answer,
				    struct tiktok_video_list *ret_list,
				    struct tiktok_error *ret_error)
{
	CLEANUP(json_object_put) struct json_object *body = NULL;
	struct json_object *data, *videos;
	enum status st = tiktok_call_unwrap(arena, answer, &body, &data, ret_error);
	if (st != STATUS_OK)
		return st;
	if (json_get_array(data, "videos", &videos) != STATUS_OK)
		return tiktok_call_not_understood(arena, answer, ret_error);
	struct tiktok_video_list list = {
		.videos = arena_alloc(arena, TIKTOK_LIST_MAX * sizeof(struct tiktok_video)),
	};
	for (size_t i = 0; i < json_object_array_length(videos) && list.count < TIKTOK_LIST_MAX;
	     i++) {
		if (read_video(arena, json_object_array_get_idx(videos, i),
			       &list.videos[list.count]))
			list.count++;
	}
	*ret_list = list;
	return STATUS_OK;
}

const char *tiktok_public_url(struct arena *arena, const char *username, const char *public_id)
{
	return arena_printf(arena, "https://www.tiktok.com/@%s/video/%s", username, public_id);
}
