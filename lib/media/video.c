/* TikTok's limits on a video, in one table, and the sentences a user reads when one is not kept. */
#include "media/video.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

/*
 * Source of every row: TikTok, Content Posting API, media transfer guide, "Video restrictions"
 * (tiktok-api.md 4.1). Two readings are ours: 4 GB is taken as the smaller of its two meanings, and
 * duration is compared in whole seconds, the unit of max_video_post_duration_sec.
 */
static const struct {
	const char *containers[3];
	const char *codecs[4];
	int64_t size_max;	/* bytes */
	int64_t seconds_max;	/* 10 minutes; the limit of the creator is asked when posting */
	int fps_min, fps_max;	/* frames per second */
	int fps_tolerance;	/* milli: time stamps are rounded, 59.94 or 60.02 is "60" */
	int side_min, side_max; /* pixels, both sides */
} limits = {
	.containers = { "mp4", "mov", "webm" },
	.codecs = { "h264", "hevc", "vp8", "vp9" },
	.size_max = INT64_C(4000000000),
	.seconds_max = 600,
	.fps_min = 23,
	.fps_max = 60,
	.fps_tolerance = 200,
	.side_min = 360,
	.side_max = 4096,
};

const char *video_content_type(const char *container)
{
	static const char *const types[][2] = {
		{ "mp4", "video/mp4" },
		{ "mov", "video/quicktime" },
		{ "webm", "video/webm" },
	};
	for (size_t i = 0; container && i < ARRAY_SIZE(types); i++) {
		if (strcmp(types[i][0], container) == 0)
			return types[i][1];
	}
	return NULL;
}

const char *video_refusal_code(enum video_refusal refusal)
{
	switch (refusal) {
	case VIDEO_ACCEPTED:
		return "";
	case VIDEO_FILE_FORMAT:
		return "file_format_check_failed";
	case VIDEO_DURATION:
		return "duration_check_failed";
	case VIDEO_FRAME_RATE:
		return "frame_rate_check_failed";
	case VIDEO_PICTURE_SIZE:
		return "picture_size_check_failed";
	case VIDEO_NOT_A_VIDEO:
		return "not_a_video";
	case VIDEO_TRUNCATED:
		return "truncated";
	case VIDEO_TOO_COMPLEX:
		return "too_complex";
	}
	return "";
}

void video_refuse(struct video_verdict *verdict, enum video_refusal refusal, const char *format,
		  ...)
{
	va_list arguments;
	va_start(arguments, format);
	verdict->refusal = refusal;
	vsnprintf(verdict->message, sizeof(verdict->message), format, arguments);
	va_end(arguments);
}

static bool listed(const char *const *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i], name) == 0)
			return true;
	}
	return false;
}

void video_judge_size(int64_t size, struct video_verdict *ret_verdict)
{
	*ret_verdict = (struct video_verdict){ .refusal = VIDEO_ACCEPTED };
	if (size > limits.size_max)
		video_refuse(
			ret_verdict, VIDEO_FILE_FORMAT,
			"The file has %" PRId64 ".%02" PRId64 " GB; TikTok takes at most %" PRId64
			" GB. Export it with a lower bit rate.",
			size / 1000000000, size / 10000000 % 100, limits.size_max / 1000000000);
}

static void judge_format(const struct video *video, struct video_verdict *verdict)
{
	if (!listed(limits.containers, ARRAY_SIZE(limits.containers), video->container))
		video_refuse(verdict, VIDEO_FILE_FORMAT,
			     "This kind of file is not one that TikTok takes. Export it as MP4.");
	else if (!video->codec[0])
		video_refuse(
			verdict, VIDEO_FILE_FORMAT,
			"The picture is coded in a way we do not know. TikTok takes H.264, H.265, "
			"VP8 and VP9. Export it with H.264.");
	else if (!listed(limits.codecs, ARRAY_SIZE(limits.codecs), video->codec))
		video_refuse(verdict, VIDEO_FILE_FORMAT,
			     "The picture is coded as %s. TikTok takes H.264, H.265, VP8 and VP9. "
			     "Export it with H.264.",
			     video->codec);
}

static void judge_duration(const struct video *video, struct video_verdict *verdict)
{
	int64_t seconds = video->duration_ms / 1000;
	if (video->duration_ms <= 0)
		video_refuse(verdict, VIDEO_DURATION,
			     "The video has no length that we can find. Export it again.");
	else if (seconds > limits.seconds_max)
		video_refuse(verdict, VIDEO_DURATION,
			     "The video lasts %" PRId64 " min %" PRId64
			     " s; TikTok takes at most %" PRId64 " minutes. Make it shorter.",
			     seconds / 60, seconds % 60, limits.seconds_max / 60);
}

static void judge_frame_rate(const struct video *video, struct video_verdict *verdict)
{
	if (video->fps_milli >= limits.fps_min * 1000 - limits.fps_tolerance &&
	    video->fps_milli <= limits.fps_max * 1000 + limits.fps_tolerance)
		return;
	video_refuse(
		verdict, VIDEO_FRAME_RATE,
		"The video has %d.%02d frames a second%s; TikTok takes %d to %d. Export it with "
		"a constant 30 frames a second.",
		video->fps_milli / 1000, video->fps_milli / 10 % 100,
		video->fps_variable ? " on average" : "", limits.fps_min, limits.fps_max);
}

static void judge_picture_size(const struct video *video, struct video_verdict *verdict)
{
	if (video->width >= limits.side_min && video->width <= limits.side_max &&
	    video->height >= limits.side_min && video->height <= limits.side_max)
		return;
	video_refuse(
		verdict, VIDEO_PICTURE_SIZE,
		"The picture is %d x %d pixels; TikTok takes %d to %d on both sides. Export it "
		"in another size, for instance 1080 x 1920.",
		video->width, video->height, limits.side_min, limits.side_max);
}

void video_judge(const struct video *video, struct video_verdict *ret_verdict)
{
	static void (*const rules[])(const struct video *, struct video_verdict *) = {
		judge_format,
		judge_duration,
		judge_frame_rate,
		judge_picture_size,
	};
	video_judge_size(video->size, ret_verdict);
	for (size_t i = 0; i < ARRAY_SIZE(rules) && ret_verdict->refusal == VIDEO_ACCEPTED; i++)
		rules[i](video, ret_verdict);
}

bool video_is_repairable(const struct video *video, const char *refusal_code)
{
	static const enum video_refusal mendable[] = { VIDEO_FILE_FORMAT, VIDEO_FRAME_RATE,
						       VIDEO_PICTURE_SIZE };
	bool is_mendable = false;
	for (size_t i = 0; i < ARRAY_SIZE(mendable); i++)
		is_mendable =
			is_mendable || strcmp(refusal_code, video_refusal_code(mendable[i])) == 0;
	/* A file that could not be opened has no codec; the size is not always told without decoding. */
	if (!is_mendable || !video->codec[0] || video->fps_milli <= 0)
		return false;
	struct video mended = *video;
	struct video_verdict verdict;
	mended.codec = "h264";
	mended.fps_milli = limits.fps_min * 1000;
	mended.width = mended.height = limits.side_min;
	video_judge(&mended, &verdict);
	return verdict.refusal == VIDEO_ACCEPTED;
}
