/* Videos as their owner sees them. */
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/words.h"
#include "media/video.h"
#include "store/video_list.h"
#include "web/form.h"
#include "web/view.h"
#include "web/view_library.h"
#include "web/view_reason.h"

void view_add_video_urls(struct arena *arena, struct json_object *view, int64_t video_id,
			 bool has_thumbnail, bool is_playable)
{
	json_add_string(view, "thumbnail_url",
			has_thumbnail
				? arena_printf(arena, "/videos/%" PRId64 "/thumbnail", video_id)
				: NULL);
	json_add_string(view, "file_url",
			is_playable ? arena_printf(arena, "/videos/%" PRId64 "/file", video_id)
				    : NULL);
}

bool view_video_is_playable(const struct video_item *video)
{
	bool kept = strcmp(video->state, "ready") == 0 ||
		    (strcmp(video->state, "refused") == 0 && video->repairable);
	return kept && !video->missing && video_content_type(video->container);
}

void view_add_words_reason(struct json_object *view, const char *name, const char *code,
			   const char *message)
{
	struct json_object *reason = NULL;
	if (code || message) {
		reason = json_object_new_object();
		json_add_string(reason, "code", code);
		json_add_string(reason, "message",
				view_cause_text(words_find(code), message, WORDS_EN));
	}
	json_add(view, name, reason);
}

static struct json_object *note(const char *code, const char *message)
{
	struct json_object *view = json_object_new_object();
	json_add_string(view, "code", code);
	json_add_string(view, "message", message);
	return view;
}

/* What its owner should know of it, though it is no fault. */
static struct json_object *notes(const struct video_item *video)
{
	struct json_object *list = json_object_new_array();
	if (video->missing)
		json_array_push(list, note("file_missing",
					   "Its file is lost on this server: posts of it cannot go "
					   "out. Upload it again."));
	if (video->fps_variable)
		json_array_push(
			list, note("fps_variable",
				   "Its frames come at uneven distances (variable frame rate). On "
				   "TikTok picture and sound may drift apart."));
	if (video->has_location)
		json_array_push(list, note("has_location",
					   "The file carries the place it was recorded at. TikTok "
					   "gets the file as it is."));
	if (video->has_device)
		json_array_push(list, note("has_device",
					   "The file names the camera or phone that recorded it. "
					   "TikTok gets the file as it is."));
	return list;
}

static struct json_object *repair(const struct video_repair *repair, enum view_kind kind)
{
	static const char *const texts[][2] = {
		{ "waiting", "Waiting for its turn" },
		{ "running", "Being made" },
		{ "done", "Made" },
		{ "failed", "It could not be made" },
	};
	if (!repair->state)
		return NULL;
	struct json_object *view = json_object_new_object();
	json_add_string(view, "state", repair->state);
	json_add_int(view, "percent", repair->percent);
	view_add_id(view, "video_id", repair->video_id);
	view_add_words_reason(view, "reason", repair->reason_code, repair->reason_message);
	for (size_t i = 0; kind == VIEW_PAGE && i < ARRAY_SIZE(texts); i++) {
		if (strcmp(texts[i][0], repair->state) == 0)
			json_add_string(view, "state_text", texts[i][1]);
	}
	return view;
}

static struct json_object *strip(struct arena *arena, const struct video_item *video)
{
	if (video->strip_frames == 0)
		return NULL;
	struct json_object *view = json_object_new_object();
	json_add_string(view, "url", arena_printf(arena, "/videos/%" PRId64 "/strip", video->id));
	json_add_int(view, "frames", video->strip_frames);
	return view;
}

/* As text with its digits, so that 29.97 stays 29.97. */
static const char *fps_text(struct arena *arena, int64_t fps_milli)
{
	return fps_milli ? arena_printf(arena, "%.6g", (double)fps_milli / 1000) : NULL;
}

static const char *codec_text(const char *codec)
{
	static const char *const texts[][2] = {
		{ "h264", "H.264" }, { "hevc", "HEVC" },     { "vp8", "VP8" },
		{ "vp9", "VP9" },    { "mpeg4", "MPEG-4" },  { "av1", "AV1" },
		{ "aac", "AAC" },    { "prores", "ProRes" }, { "mp3", "MP3" },
		{ "opus", "Opus" },  { "vorbis", "Vorbis" },
	};
	for (size_t i = 0; codec && i < ARRAY_SIZE(texts); i++) {
		if (strcmp(texts[i][0], codec) == 0)
			return texts[i][1];
	}
	return codec;
}

/* "a,b" as people write it. */
static const char *spaced(struct arena *arena, const char *list)
{
	char *text = arena_alloc(arena, 2 * strlen(list) + 1), *end = text;
	for (; *list; list++) {
		*end++ = *list;
		if (*list == ',')
			*end++ = ' ';
	}
	return text;
}

/* Tags with the query that finds their videos. */
static struct json_object *tag_links(struct arena *arena, const char *tags)
{
	struct json_object *list = json_object_new_array();
	while (*tags) {
		size_t length = strcspn(tags, ",");
		const char *tag = arena_strndup(arena, tags, length);
		struct json_object *link = json_object_new_object();
		json_add_string(link, "tag", tag);
		json_add_string(link, "query", form_encode(arena, tag));
		json_array_push(list, link);
		tags += length + (tags[length] == ',');
	}
	return list;
}

/* What coding a refused video anew does about its refusal. */
static const char *repair_text(const char *code)
{
	static const char *const texts[][2] = {
		{ "frame_rate_check_failed",
		  "The new version has an even frame rate that TikTok takes." },
		{ "picture_size_check_failed",
		  "The picture is brought to a size that TikTok takes; nothing is cut off." },
		{ "file_format_check_failed",
		  "The picture is coded as H.264 and the sound as AAC, in an MP4 file." },
	};
	for (size_t i = 0; code && i < ARRAY_SIZE(texts); i++) {
		if (strcmp(texts[i][0], code) == 0)
			return texts[i][1];
	}
	return "The video is coded anew, in a form that TikTok takes.";
}

static const char *posts_text(struct arena *arena, int64_t posts)
{
	return posts == 1 ? "1 post" : arena_printf(arena, "%" PRId64 " posts", posts);
}

/* Whether its owner can ask for a repair, and whether one is under way or to be decided on. */
static void add_repair_choice(struct json_object *view, const struct video_item *video)
{
	const char *state = video->repair.state;
	bool is_open = state && (strcmp(state, "waiting") == 0 || strcmp(state, "running") == 0);
	bool is_done = state && strcmp(state, "done") == 0 && video->repair.video_id;
	json_add_bool(view, "repair_is_open", is_open);
	json_add_bool(view, "repair_is_done", is_done);
	json_add_bool(view, "repair_is_failed", state && strcmp(state, "failed") == 0);
	json_add_bool(view, "can_repair",
		      strcmp(video->state, "refused") == 0 && video->repairable &&
			      !video->missing && !is_open && !is_done);
}

static void add_video_words(struct arena *arena, struct json_object *view,
			    const struct video_item *video)
{
	bool ready = strcmp(video->state, "ready") == 0;
	bool refused = strcmp(video->state, "refused") == 0;
	json_add_bool(view, "is_ready", ready);
	json_add_bool(view, "is_refused", refused);
	json_add_bool(view, "is_checking", !ready && !refused);
	json_add_string(view, "state_text", ready ? "Ready" : refused ? "Refused" : "Checking");
	json_add_string(view, "size_text", view_size_text(arena, video->size));
	json_add_string(view, "duration_text",
			video->duration_ms ? view_duration_text(arena, video->duration_ms) : NULL);
	json_add_string(view, "fps_text", fps_text(arena, video->fps_milli));
	json_add_string(view, "codec_text", codec_text(video->codec));
	json_add_string(view, "audio_text", codec_text(video->audio_codec));
	json_add_string(view, "tags_text", spaced(arena, video->tags));
	json_add(view, "tag_links", tag_links(arena, video->tags));
	json_add_string(view, "repair_text", repair_text(video->reason_code));
	json_add_string(view, "posts_text", video->posts ? posts_text(arena, video->posts) : NULL);
	json_add_string(view, "scheduled_text",
			video->scheduled_posts ? posts_text(arena, video->scheduled_posts) : NULL);
	json_add_bool(view, "is_unused", ready && !video->used);
	/* The first of them is what the notice leads to. */
	json_add_string(view, "duplicate_id",
			*video->duplicates ? arena_strndup(arena, video->duplicates,
							   strcspn(video->duplicates, ","))
					   : NULL);
	add_repair_choice(view, video);
}

static void add_facts(struct arena *arena, struct json_object *view, const struct video_item *video)
{
	const char *fps = fps_text(arena, video->fps_milli);
	json_add_int(view, "size", video->size);
	view_add_known(view, "duration_ms", video->duration_ms);
	view_add_known(view, "width", video->width);
	view_add_known(view, "height", video->height);
	json_add_int(view, "rotation", video->rotation);
	json_add(view, "fps",
		 fps ? json_object_new_double_s((double)video->fps_milli / 1000, fps) : NULL);
	json_add_string(view, "container", video->container);
	json_add_string(view, "codec", video->codec);
	json_add_string(view, "audio_codec", video->audio_codec);
	json_add_string(view, "sha256", video->sha256);
	json_add_bool(view, "fps_variable", video->fps_variable);
	json_add_bool(view, "has_location", video->has_location);
	json_add_bool(view, "has_device", video->has_device);
	json_add_bool(view, "missing", video->missing);
	json_add(view, "notes", notes(video));
}

struct json_object *view_video(struct arena *arena, const struct video_item *video,
			       enum view_kind kind)
{
	struct json_object *view = json_object_new_object();
	view_add_id(view, "id", video->id);
	json_add_string(view, "name", video->name);
	json_add_string(view, "state", video->state);
	view_add_words_reason(view, "reason", video->reason_code, video->reason_message);
	add_facts(arena, view, video);
	json_add(view, "tags", view_text_list(video->tags));
	json_add(view, "duplicates", view_text_list(video->duplicates));
	json_add_int(view, "posts", video->posts);
	json_add_int(view, "scheduled_posts", video->scheduled_posts);
	json_add_bool(view, "used", video->used);
	json_add_bool(view, "in_use", video->in_use);
	view_add_moment(view, "last_posted_at", video->last_posted_at, kind);
	json_add_bool(view, "repairable", video->repairable);
	view_add_id(view, "repair_of", video->repair_of);
	json_add(view, "repair", repair(&video->repair, kind));
	json_add(view, "strip", strip(arena, video));
	view_add_video_urls(arena, view, video->id, video->has_thumbnail,
			    view_video_is_playable(video));
	view_add_moment(view, "created_at", video->created_at, kind);
	if (kind == VIEW_PAGE)
		add_video_words(arena, view, video);
	return view;
}

struct json_object *view_videos(struct arena *arena, const struct video_item *videos, size_t count,
				enum view_kind kind)
{
	struct json_object *items = json_object_new_array();
	for (size_t i = 0; i < count; i++)
		json_array_push(items, view_video(arena, &videos[i], kind));
	return items;
}
