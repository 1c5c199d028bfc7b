/* Rate, size, start. The first frame is decoded: headers lie. */
#include "media/mend.h"

#include <string.h>

#include <libavutil/rational.h>

#include "base/status.h"
#include "media/decoder.h"
#include "media/picture.h"
#include "media/source.h"
#include "media/timing.h"
#include "media/video.h"

enum {
	FPS_MIN = 23,
	FPS_MAX = 60,
	FPS_USUAL = 30,
	SIDE_MIN = 360,
	SIDE_MAX = 4096,
	SIDE_USUAL = 1920, /* of a picture that has to become smaller: more is not shown */
	FIRST_FRAME_PACKETS = 1200,
	SHAPE_MAX = 8,
};

static void packet_cleanup(AVPacket **packet)
{
	av_packet_free(packet);
}

AVRational mend_rate(int fps_milli, bool is_variable)
{
	double fps = fps_milli / 1000.0;
	if (is_variable || fps < 1 || fps > FPS_MAX * 64)
		return (AVRational){ FPS_USUAL, 1 };
	/* Times are rounded: 60.02 is 60, as it is when a file is judged. */
	while (fps > FPS_MAX + 0.2)
		fps /= 2;
	while (fps < FPS_MIN - 0.2)
		fps *= 2;
	fps = fps > FPS_MAX ? FPS_MAX : fps < FPS_MIN ? FPS_MIN : fps;
	return av_d2q(fps, 1001000);
}

static int even_within(double side)
{
	int even = (int)(side / 2 + 0.25) * 2;
	return even < SIDE_MIN ? SIDE_MIN : even > SIDE_MAX ? SIDE_MAX : even;
}

bool mend_size(double width, double height, int *ret_width, int *ret_height)
{
	double longer = width > height ? width : height;
	double shorter = width > height ? height : width;
	double scale = 1;
	if (shorter < 1)
		return false;
	if (longer > SIDE_MAX)
		scale = SIDE_USUAL / longer;
	if (shorter * scale < SIDE_MIN)
		scale = SIDE_MIN / shorter;
	if (longer * scale > SIDE_MAX + 1)
		return false;
	*ret_width = even_within(width * scale);
	*ret_height = even_within(height * scale);
	return true;
}

/* The first frame of the picture, or NULL. */
static AVFrame *first_frame(struct source *source, AVCodecContext *decoder)
{
	CLEANUP(packet) AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();
	source->video->discard = AVDISCARD_DEFAULT;
	av_seek_frame(source->format, source->video->index, INT64_MIN / 2, 0);
	av_seek_frame(source->format, source->video->index, 0, AVSEEK_FLAG_BACKWARD);
	bool found = false;
	for (int i = 0; packet && frame && !found && i < FIRST_FRAME_PACKETS; i++) {
		bool is_end = av_read_frame(source->format, packet) < 0;
		if (is_end || packet->stream_index == source->video->index)
			avcodec_send_packet(decoder, is_end ? NULL : packet);
		av_packet_unref(packet);
		found = avcodec_receive_frame(decoder, frame) >= 0;
		if (is_end)
			break;
	}
	if (!found)
		av_frame_free(&frame);
	return frame;
}

static enum repair_failure use_frame(const struct source *source, const AVFrame *frame,
				     struct mend *mend)
{
	AVRational shape = frame->sample_aspect_ratio;
	if (shape.num <= 0)
		shape = source->video->codecpar->sample_aspect_ratio;
	double width = frame->width;
	if (shape.num > 0 && shape.den > 0 && shape.num / SHAPE_MAX < shape.den &&
	    shape.den / SHAPE_MAX < shape.num)
		width *= av_q2d(shape);
	if (!mend_size(width, frame->height, &mend->width, &mend->height))
		return REPAIR_SHAPE;
	if (frame->best_effort_timestamp != AV_NOPTS_VALUE)
		mend->origin =
			(double)frame->best_effort_timestamp * av_q2d(source->video->time_base);
	mend->colour_space = frame->colorspace;
	mend->primaries = frame->color_primaries;
	mend->transfer = frame->color_trc;
	return REPAIR_NO_FAILURE;
}

static enum repair_failure look(struct source *source, const struct sniff *sniff, struct mend *mend)
{
	struct video video = { .codec = "" };
	struct video_verdict verdict;
	AVCodecContext *decoder = decoder_open_picture(source);
	if (!decoder)
		return REPAIR_CODEC_UNKNOWN;
	enum repair_failure failure = REPAIR_UNREADABLE;
	mend->rotation = picture_rotation(source);
	mend->has_sound = source->audio && source->audio->codecpar->codec_id != AV_CODEC_ID_NONE;
	if (timing_find(source, sniff, &video, &verdict) == STATUS_OK && video.fps_milli > 0) {
		mend->rate = mend_rate(video.fps_milli, video.fps_variable);
		mend->frame_seconds = 1000.0 / video.fps_milli;
		mend->duration_ms = video.duration_ms;
		AVFrame *frame = first_frame(source, decoder);
		if (frame)
			failure = use_frame(source, frame, mend);
		av_frame_free(&frame);
	}
	decoder_close(&decoder);
	return failure;
}

enum repair_failure mend_plan(int fd, int64_t size, struct mend *ret_mend)
{
	struct sniff sniff;
	struct video_verdict verdict;
	struct source source;
	*ret_mend = (struct mend){ 0 };
	if (size < 0 || sniff_file(fd, size, &sniff, &verdict) != STATUS_OK)
		return REPAIR_UNREADABLE;
	ret_mend->kind = sniff.kind;
	enum repair_failure failure = REPAIR_UNREADABLE;
	if (source_open(&source, fd, size, sniff.kind, &verdict) == STATUS_OK)
		failure = look(&source, &sniff, ret_mend);
	source_close(&source);
	return failure;
}
