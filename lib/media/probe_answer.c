/* Check of the report: nothing is believed that is not spelled out here. */
#include "media/probe_answer.h"

#include <limits.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "media/probe.h"
#include "media/probe_protocol.h"

enum {
	MESSAGE_MAX = sizeof(((struct video_verdict *)NULL)->message) - 1,
	NAME_MAX_LENGTH = 32,
	SIDE_MAX = 1 << 20,
	FPS_MILLI_MAX = 100000000,
};
static const int64_t DURATION_MS_MAX = INT64_C(1000000000000);

static bool is_printable(const char *text, size_t max)
{
	for (size_t i = 0; text[i]; i++) {
		if (i == max || text[i] < 0x20 || text[i] > 0x7e)
			return false;
	}
	return true;
}

/* Names of codecs: lower-case letters, digits, '_', '-', '.'. */
static bool is_name(const char *text)
{
	return strlen(text) <= NAME_MAX_LENGTH &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-.")] == '\0';
}

static bool is_container(const char *text)
{
	return strcmp(text, "") == 0 || strcmp(text, "mp4") == 0 || strcmp(text, "mov") == 0 ||
	       strcmp(text, "webm") == 0;
}

static bool is_code(const char *text)
{
	for (int refusal = VIDEO_ACCEPTED; refusal <= VIDEO_TOO_COMPLEX; refusal++) {
		if (strcmp(text, video_refusal_code((enum video_refusal)refusal)) == 0)
			return true;
	}
	return false;
}

static bool get_text(struct arena *arena, struct json_object *report, const char *name,
		     const char **ret_text)
{
	const char *text;
	if (json_get_string(report, name, &text) != STATUS_OK)
		return false;
	*ret_text = arena_strdup(arena, text);
	return true;
}

static bool get_number(struct json_object *report, const char *name, int64_t max,
		       int64_t *ret_value)
{
	int64_t value;
	if (json_get_int(report, name, &value) != STATUS_OK || value < 0 || value > max)
		return false;
	*ret_value = value;
	return true;
}

static bool get_int(struct json_object *report, const char *name, int max, int *ret_value)
{
	int64_t value;
	if (!get_number(report, name, max, &value))
		return false;
	*ret_value = (int)value;
	return true;
}

static bool get_video(struct arena *arena, struct json_object *report, struct video *video)
{
	return get_text(arena, report, "container", &video->container) &&
	       is_container(video->container) && get_text(arena, report, "codec", &video->codec) &&
	       is_name(video->codec) &&
	       get_text(arena, report, "audio_codec", &video->audio_codec) &&
	       is_name(video->audio_codec) && get_int(report, "width", SIDE_MAX, &video->width) &&
	       get_int(report, "height", SIDE_MAX, &video->height) &&
	       get_int(report, "rotation", 270, &video->rotation) && video->rotation % 90 == 0 &&
	       get_int(report, "fps_milli", FPS_MILLI_MAX, &video->fps_milli) &&
	       json_get_bool(report, "fps_variable", &video->fps_variable) == STATUS_OK &&
	       get_number(report, "duration_ms", DURATION_MS_MAX, &video->duration_ms) &&
	       get_number(report, "size", INT64_MAX, &video->size) &&
	       json_get_bool(report, "has_location", &video->has_location) == STATUS_OK &&
	       json_get_bool(report, "has_device", &video->has_device) == STATUS_OK;
}

enum status probe_answer_parse(struct arena *arena, const char *text, size_t length, int64_t size,
			       struct probe_result *ret_result)
{
	if (length > PROBE_REPORT_MAX)
		return STATUS_INVALID;
	CLEANUP(json_object_put) struct json_object *report = NULL;
	enum status st = json_parse(text, length, PROBE_REPORT_DEPTH, &report);
	if (st != STATUS_OK)
		return st;
	if (!json_object_is_type(report, json_type_object))
		return STATUS_INVALID;

	struct probe_result result = { 0 };
	if (json_get_bool(report, "ok", &result.ok) != STATUS_OK ||
	    !get_text(arena, report, "code", &result.code) || !is_code(result.code) ||
	    !get_text(arena, report, "message", &result.message) ||
	    !is_printable(result.message, MESSAGE_MAX) ||
	    !get_video(arena, report, &result.video) || result.video.size != size)
		return STATUS_INVALID;
	/* A refusal names its reason in code and words, an acceptance has neither. */
	if (result.ok != (result.code[0] == '\0') || result.ok != (result.message[0] == '\0'))
		return STATUS_INVALID;
	if (result.ok) {
		struct video_verdict verdict;
		video_judge(&result.video, &verdict);
		if (verdict.refusal != VIDEO_ACCEPTED)
			return STATUS_INVALID;
	}
	*ret_result = result;
	return STATUS_OK;
}
