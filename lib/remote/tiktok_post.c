/* A post on its way: opening an upload or a pull, sending, asking, cancelling (reference 3). */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "remote/tiktok_call.h"

static struct json_object *post_info(const struct tiktok_post *post)
{
	struct json_object *info = json_object_new_object();
	json_add_string(info, "privacy_level", post->privacy_level);
	json_add_string(info, "title", post->caption);
	json_add_bool(info, "disable_comment", !post->allow_comment);
	json_add_bool(info, "disable_duet", !post->allow_duet);
	json_add_bool(info, "disable_stitch", !post->allow_stitch);
	json_add_int(info, "video_cover_timestamp_ms", post->cover_ms);
	json_add_bool(info, "brand_content_toggle", post->branded_content);
	json_add_bool(info, "brand_organic_toggle", post->your_brand);
	json_add_bool(info, "is_aigc", post->is_aigc);
	return info;
}

static struct json_object *source_info(const struct tiktok_post *post)
{
	struct json_object *source = json_object_new_object();
	json_add_string(source, "source", post->pull_url ? "PULL_FROM_URL" : "FILE_UPLOAD");
	if (post->pull_url) {
		json_add_string(source, "video_url", post->pull_url);
		return source;
	}
	json_add_int(source, "video_size", post->video_size);
	json_add_int(source, "chunk_size", post->chunk_size);
	json_add_int(source, "total_chunk_count", post->chunk_count);
	return source;
}

struct http_request tiktok_init_request(const struct tiktok *tiktok, struct arena *arena,
					struct secret access_token, const struct tiktok_post *post)
{
	CLEANUP(json_object_put) struct json_object *body = json_object_new_object();
	if (!post->draft)
		json_add(body, "post_info", post_info(post));
	json_add(body, "source_info", source_info(post));
	struct http_request request = tiktok_call_json(
		tiktok, arena,
		post->draft ? "/v2/post/publish/inbox/video/init/" : "/v2/post/publish/video/init/",
		access_token, body);
	request.fresh_connection = true;
	return request;
}

static struct http_request publish_id_request(const struct tiktok *tiktok, struct arena *arena,
					      const char *path, struct secret access_token,
					      const char *publish_id)
{
	CLEANUP(json_object_put) struct json_object *body = json_object_new_object();
	json_add_string(body, "publish_id", publish_id);
	return tiktok_call_json(tiktok, arena, path, access_token, body);
}

struct http_request tiktok_status_request(const struct tiktok *tiktok, struct arena *arena,
					  struct secret access_token, const char *publish_id)
{
	return publish_id_request(tiktok, arena, "/v2/post/publish/status/fetch/", access_token,
				  publish_id);
}

struct http_request tiktok_cancel_request(const struct tiktok *tiktok, struct arena *arena,
					  struct secret access_token, const char *publish_id)
{
	return publish_id_request(tiktok, arena, "/v2/post/publish/cancel/", access_token,
				  publish_id);
}

struct http_request tiktok_chunk_request(struct arena *arena, struct secret upload_url, int fd,
					 int64_t first, int64_t last, int64_t total,
					 const char *content_type)
{
	return (struct http_request){
		.method = "PUT",
		.url = upload_url.bytes,
		.content_type = content_type,
		.body_from_file = true,
		.body_fd = fd,
		.body_offset = first,
		.body_size = last - first + 1,
		.content_range = arena_printf(arena, "bytes %" PRId64 "-%" PRId64 "/%" PRId64,
					      first, last, total),
	};
}

const char *tiktok_content_type(const char *container)
{
	if (container && strcmp(container, "mov") == 0)
		return "video/quicktime";
	if (container && strcmp(container, "webm") == 0)
		return "video/webm";
	return "video/mp4";
}

static enum status init_parse(struct arena *arena, const struct http_answer *answer, bool upload,
			      struct tiktok_init *ret_init, struct tiktok_error *ret_error)
{
	CLEANUP(json_object_put) struct json_object *body = NULL;
	struct json_object *data;
	enum status st = tiktok_call_unwrap(arena, answer, &body, &data, ret_error);
	if (st != STATUS_OK)
		return st;
	const char *publish_id = tiktok_call_text(arena, data, "publish_id", TIKTOK_WORD_MAX_BYTES);
	const char *url =
		upload ? tiktok_call_text(arena, data, "upload_url", TIKTOK_URL_MAX_BYTES) : "";
	if (!*publish_id || (upload && !*url))
		return tiktok_call_not_understood(arena, answer, ret_error);
	*ret_init = (struct tiktok_init){ publish_id, { url, strlen(url) } };
	return STATUS_OK;
}

enum status tiktok_init_parse(struct arena *arena, const struct http_answer *answer,
			      struct tiktok_init *ret_init, struct tiktok_error *ret_error)
{
	return init_parse(arena, answer, /* upload= */ true, ret_init, ret_error);
}

enum status tiktok_pull_parse(struct arena *arena, const struct http_answer *answer,
			      struct tiktok_init *ret_init, struct tiktok_error *ret_error)
{
	return init_parse(arena, answer, /* upload= */ false, ret_init, ret_error);
}

static enum tiktok_post_status status_from_word(const char *word)
{
	static const struct {
		const char *word;
		enum tiktok_post_status status;
	} words[] = {
		{ "PROCESSING_UPLOAD", TIKTOK_PROCESSING_UPLOAD },
		{ "PROCESSING_DOWNLOAD", TIKTOK_PROCESSING_DOWNLOAD },
		{ "SEND_TO_USER_INBOX", TIKTOK_SEND_TO_USER_INBOX },
		{ "PUBLISH_COMPLETE", TIKTOK_PUBLISH_COMPLETE },
		{ "FAILED", TIKTOK_FAILED },
	};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].word, word) == 0)
			return words[i].status;
	}
	return TIKTOK_STATUS_UNKNOWN;
}

enum status tiktok_status_parse(struct arena *arena, const struct http_answer *answer,
				struct tiktok_status *ret_status, struct tiktok_error *ret_error)
{
	CLEANUP(json_object_put) struct json_object *body = NULL;
	struct json_object *data, *ids;
	enum status st = tiktok_call_unwrap(arena, answer, &body, &data, ret_error);
	if (st != STATUS_OK)
		return st;
	struct tiktok_status status = {
		.word = tiktok_call_text(arena, data, "status", TIKTOK_WORD_MAX_BYTES),
		.fail_reason = tiktok_call_text(arena, data, "fail_reason", TIKTOK_WORD_MAX_BYTES),
		.public_ids = arena_alloc(arena, TIKTOK_LIST_MAX * sizeof(const char *)),
		.uploaded_bytes = tiktok_call_bytes(data, "uploaded_bytes"),
		.downloaded_bytes = tiktok_call_bytes(data, "downloaded_bytes"),
	};
	if (!*status.word)
		return tiktok_call_not_understood(arena, answer, ret_error);
	status.status = status_from_word(status.word);
	if (status.status != TIKTOK_FAILED)
		status.fail_reason = "";
	else if (!*status.fail_reason)
		status.fail_reason = "unknown";
	if (json_get_array(data, "publicaly_available_post_id", &ids) == STATUS_OK) {
		for (size_t i = 0; i < json_object_array_length(ids) && i < TIKTOK_LIST_MAX; i++) {
			const char *id = tiktok_call_id(arena, json_object_array_get_idx(ids, i));
			if (id)
				status.public_ids[status.public_id_count++] = id;
		}
	}
	*ret_status = status;
	return STATUS_OK;
}

enum status tiktok_cancel_parse(struct arena *arena, const struct http_answer *answer,
				struct tiktok_error *ret_error)
{
	CLEANUP(json_object_put) struct json_object *body = NULL;
	return tiktok_call_unwrap(arena, answer, &body, /* ret_data= */ NULL, ret_error);
}
