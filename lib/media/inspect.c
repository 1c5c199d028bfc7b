/* Sniff, open, measure, judge, make a thumbnail; and the JSON report of it. */
#include "media/inspect.h"

#include <string.h>
#include <strings.h>

#include <libavcodec/avcodec.h>
#include <libavutil/dict.h>
#include <libavutil/mem.h>

#include "base/json.h"
#include "media/picture.h"
#include "media/probe_protocol.h"
#include "media/sniff.h"
#include "media/source.h"
#include "media/still.h"
#include "media/strip.h"
#include "media/timing.h"

/* A tenth into the video there is more to see than in its first frame. */
enum { THUMBNAIL_AT_PERCENT = 10, THUMBNAIL_SIDE = 480 };

static bool key_contains(const AVDictionaryEntry *entry, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = entry->key; *at; at++) {
		if (strncasecmp(at, word, length) == 0)
			return true;
	}
	return false;
}

static void find_traces_in(const AVDictionary *metadata, struct video *video)
{
	const AVDictionaryEntry *entry = NULL;
	while ((entry = av_dict_get(metadata, "", entry, AV_DICT_IGNORE_SUFFIX))) {
		if (key_contains(entry, "location"))
			video->has_location = true;
		if (strcasecmp(entry->key, "make") == 0 || strcasecmp(entry->key, "model") == 0 ||
		    key_contains(entry, ".make") || key_contains(entry, ".model") ||
		    key_contains(entry, ".manufacturer"))
			video->has_device = true;
	}
}

/* Personal traces in the metadata: TikTok gets the file as it is, so the user is told. */
static void find_traces(const struct source *source, struct video *video)
{
	/* Tracks of action cameras (GoPro) and telephones (CAMM) with positions. */
	const uint32_t positions[] = { MKTAG('g', 'p', 'm', 'd'), MKTAG('c', 'a', 'm', 'm') };

	find_traces_in(source->format->metadata, video);
	for (unsigned int i = 0; i < source->format->nb_streams; i++) {
		const AVStream *stream = source->format->streams[i];
		find_traces_in(stream->metadata, video);
		for (size_t j = 0; j < ARRAY_SIZE(positions); j++) {
			if (stream->codecpar->codec_tag == positions[j])
				video->has_location = true;
		}
	}
}

/* As displayed: after rotation. */
static void set_picture_size(struct video *video, int width, int height)
{
	bool is_side = video->rotation % 180 != 0;
	video->width = is_side ? height : width;
	video->height = is_side ? width : height;
	if (width < 0 || height < 0)
		video->width = video->height = 0;
}

/* What the header says; the decoded picture may correct it. */
static void describe(const struct source *source, struct video *video)
{
	const AVCodecParameters *picture = source->video->codecpar;
	video->codec = picture_codec_name(source);
	if (source->audio && source->audio->codecpar->codec_id != AV_CODEC_ID_NONE)
		video->audio_codec = avcodec_get_name(source->audio->codecpar->codec_id);
	video->rotation = picture_rotation(source);
	set_picture_size(video, picture->width, picture->height);
	find_traces(source, video);
}

static void make_thumbnail(const AVFrame *frame, struct inspection *inspection)
{
	CLEANUP(still)
	AVFrame *small =
		still_make(frame, inspection->video.rotation, THUMBNAIL_SIDE, THUMBNAIL_SIDE);
	if (small && still_encode(small, &inspection->thumbnail, &inspection->thumbnail_size) &&
	    inspection->thumbnail_size > PROBE_THUMBNAIL_MAX) {
		av_freep(&inspection->thumbnail);
		inspection->thumbnail_size = 0;
	}
}

static void examine_picture(struct source *source, struct inspection *inspection)
{
	struct video *video = &inspection->video;
	inspection->decoder = picture_open(source);
	if (!inspection->decoder)
		return;
	int64_t begin = source_cpu_ms();
	AVFrame *frame = picture_decode(source, inspection->decoder,
					video->duration_ms * THUMBNAIL_AT_PERCENT / 100);
	if (!frame)
		frame = picture_decode(source, inspection->decoder, 0);
	if (!frame)
		return;
	inspection->frame = frame;
	set_picture_size(video, frame->width, frame->height);
	if (frame->sample_aspect_ratio.num == 0)
		frame->sample_aspect_ratio = source->video->codecpar->sample_aspect_ratio;

	video_judge(video, &inspection->verdict);
	/* A video without a thumbnail is still a video. */
	if (inspection->verdict.refusal == VIDEO_ACCEPTED)
		make_thumbnail(frame, inspection);
	inspection->decoding_ms = source_cpu_ms() - begin;
}

static void examine(struct source *source, const struct sniff *sniff, struct inspection *inspection)
{
	describe(source, &inspection->video);
	if (timing_find(source, sniff, &inspection->video, &inspection->verdict) != STATUS_OK)
		return;
	video_judge(&inspection->video, &inspection->verdict);
	/* The picture size of the header may be wrong both ways: the frame decides. */
	if (inspection->verdict.refusal == VIDEO_ACCEPTED ||
	    inspection->verdict.refusal == VIDEO_PICTURE_SIZE)
		examine_picture(source, inspection);
}

void inspect_prepare(void)
{
	/* json-c asks for a random seed when it hashes its first key. */
	struct json_object *object = json_object_new_object();
	json_object_object_add(object, "ok", NULL);
	json_object_put(object);
	source_prepare();
}

void inspect_file(int fd, int64_t size, struct inspection *ret_inspection)
{
	*ret_inspection = (struct inspection){
		.video = { .container = "", .codec = "", .audio_codec = "" },
	};
	struct video_verdict *verdict = &ret_inspection->verdict;
	if (size < 0) {
		video_refuse(verdict, VIDEO_NOT_A_VIDEO, "This is not a file. Choose a video.");
		return;
	}
	ret_inspection->video.size = size;
	video_judge_size(size, verdict);
	if (verdict->refusal != VIDEO_ACCEPTED)
		return;
	struct sniff sniff;
	if (sniff_file(fd, size, &sniff, verdict) != STATUS_OK)
		return;
	ret_inspection->video.container = sniff_kind_name(sniff.kind);

	ret_inspection->is_open = true;
	if (source_open(&ret_inspection->source, fd, size, sniff.kind, verdict) == STATUS_OK)
		examine(&ret_inspection->source, &sniff, ret_inspection);
}

int inspect_strip(struct inspection *inspection, uint8_t **ret_jpeg, size_t *ret_size)
{
	const struct strip_plan plan = {
		.duration_ms = inspection->video.duration_ms,
		.rotation = inspection->video.rotation,
		.decoding_ms = inspection->decoding_ms,
	};
	if (inspection->verdict.refusal != VIDEO_ACCEPTED || !inspection->frame)
		return 0;
	int frames = strip_make(&inspection->source, inspection->decoder, inspection->frame, &plan,
				ret_jpeg, ret_size);
	if (frames > 0 && *ret_size <= PROBE_STRIP_MAX)
		return frames;
	if (frames > 0)
		av_freep(ret_jpeg);
	return 0;
}

size_t inspection_report(const struct inspection *inspection, char *text, size_t size)
{
	const struct video *video = &inspection->video;
	CLEANUP(json_object_put) struct json_object *report = json_object_new_object();
	json_add_bool(report, "ok", inspection->verdict.refusal == VIDEO_ACCEPTED);
	json_add_string(report, "code", video_refusal_code(inspection->verdict.refusal));
	json_add_string(report, "message", inspection->verdict.message);
	json_add_string(report, "container", video->container);
	json_add_string(report, "codec", video->codec);
	json_add_string(report, "audio_codec", video->audio_codec);
	json_add_int(report, "width", video->width);
	json_add_int(report, "height", video->height);
	json_add_int(report, "rotation", video->rotation);
	json_add_int(report, "fps_milli", video->fps_milli);
	json_add_bool(report, "fps_variable", video->fps_variable);
	json_add_int(report, "duration_ms", video->duration_ms);
	json_add_int(report, "size", video->size);
	json_add_bool(report, "has_location", video->has_location);
	json_add_bool(report, "has_device", video->has_device);

	size_t length = 0;
	const char *written =
		json_object_to_json_string_length(report, JSON_C_TO_STRING_PLAIN, &length);
	if (!written || length > size)
		return 0;
	memcpy(text, written, length);
	return length;
}

void inspection_release(struct inspection *inspection)
{
	av_freep(&inspection->thumbnail);
	inspection->thumbnail_size = 0;
	av_frame_free(&inspection->frame);
	picture_close(&inspection->decoder);
	if (inspection->is_open)
		source_close(&inspection->source);
	inspection->is_open = false;
}
