/* The strip, within its time. */
#include "media/strip.h"

#include <string.h>
#include <time.h>

#include <libavutil/imgutils.h>

#include "base/status.h"
#include "media/picture.h"
#include "media/source.h"
#include "media/still.h"

enum {
	CPU_MS_MAX = 3000,  /* for the whole strip */
	WALL_MS_MAX = 5000, /* since the file was opened: nobody waits longer for a good one */
	FRAMES_MIN = 2,
};

static int frames_within(int64_t decoding_ms)
{
	int64_t frames = CPU_MS_MAX / (decoding_ms + 1);
	return frames > STRIP_FRAMES ? STRIP_FRAMES : (int)frames;
}

/* Put one small picture at its place. */
static void place(AVFrame *strip, const AVFrame *small, int at)
{
	for (int plane = 0; plane < 3; plane++) {
		int shift = plane ? 1 : 0;
		int width = small->width >> shift;
		av_image_copy_plane(strip->data[plane] + (ptrdiff_t)at * width,
				    strip->linesize[plane], small->data[plane],
				    small->linesize[plane], width, small->height >> shift);
	}
}

/* The small picture for one place, of the same size as first. NULL: none could be had. */
static AVFrame *small_at(struct source *source, AVCodecContext *decoder, int64_t at_ms,
			 int rotation, const AVFrame *first)
{
	AVFrame *frame = picture_decode(source, decoder, at_ms);
	if (!frame)
		return NULL;
	if (frame->sample_aspect_ratio.num == 0)
		frame->sample_aspect_ratio = source->video->codecpar->sample_aspect_ratio;
	AVFrame *small = still_make(frame, rotation, STRIP_BOX_WIDTH, STRIP_BOX_HEIGHT);
	av_frame_free(&frame);
	if (small && (small->width != first->width || small->height != first->height))
		av_frame_free(&small);
	return small;
}

int strip_make(struct source *source, AVCodecContext *decoder, const AVFrame *any,
	       const struct strip_plan *plan, uint8_t **ret_jpeg, size_t *ret_size)
{
	int count = frames_within(plan->decoding_ms);
	if (count < FRAMES_MIN || plan->duration_ms <= 0)
		return 0;
	CLEANUP(still)
	AVFrame *last = still_make(any, plan->rotation, STRIP_BOX_WIDTH, STRIP_BOX_HEIGHT);
	CLEANUP(still)
	AVFrame *strip =
		last ? still_new(AV_PIX_FMT_YUVJ420P, last->width * count, last->height) : NULL;
	if (!strip)
		return 0;
	/* Too small to see the difference; it is a third of the work. */
	decoder->skip_loop_filter = AVDISCARD_ALL;
	int64_t end = source_cpu_ms() + CPU_MS_MAX;
	for (int i = 0; i < count; i++) {
		bool has_time = source_cpu_ms() < end && source_age_ms(source) < WALL_MS_MAX;
		AVFrame *small = has_time ? small_at(source, decoder,
						     plan->duration_ms * (2 * i + 1) / (2 * count),
						     plan->rotation, last)
					  : NULL;
		if (small) {
			av_frame_free(&last);
			last = small;
		}
		place(strip, last, i);
	}
	return still_encode(strip, ret_jpeg, ret_size) ? count : 0;
}
