/* Frame times from the sample table (MP4, MOV) or the packets (WebM), and what follows. */
#include "media/timing.h"

#include <stdbool.h>
#include <stdlib.h>

#include <libavcodec/avcodec.h>
#include <libavutil/mathematics.h>

#include "media/sniff.h"
#include "media/source.h"
#include "media/video.h"

enum {
	FRAMES_MAX = 200000,  /* kept; ten minutes at 60 frames are 36000 */
	SAMPLE_FRAMES = 1500, /* enough for the frame rate when the duration is known */
	FPS_MILLI_MAX = 100000000,
};
static const int64_t DURATION_MS_MAX = INT64_C(1000000000000);

/* Times of frames as they follow each other, in units of the stream. */
struct frame_times {
	int64_t *times;
	int count;
	int capacity;
};

/* False when there is no more room (or memory). */
static bool frame_times_add(struct frame_times *frames, int64_t time)
{
	if (frames->count == frames->capacity) {
		int capacity = frames->capacity ? frames->capacity * 2 : 1024;
		if (capacity > FRAMES_MAX)
			return false;
		int64_t *times = realloc(frames->times, (size_t)capacity * sizeof(*times));
		if (!times)
			return false;
		frames->times = times;
		frames->capacity = capacity;
	}
	frames->times[frames->count++] = time;
	return true;
}

static void frame_times_cleanup(struct frame_times *frames)
{
	free(frames->times);
}

static enum status too_complex(struct video_verdict *verdict)
{
	video_refuse(verdict, VIDEO_TOO_COMPLEX,
		     "The file is too complex to be checked. Export it again as MP4.");
	return STATUS_INVALID;
}

/* The sample table; a fragmented file is walked to its end first, headers only, to complete it. */
static enum status read_index(struct source *source, bool is_fragmented, struct frame_times *frames,
			      struct video_verdict *ret_verdict)
{
	if (is_fragmented) {
		AVPacket *packet = av_packet_alloc();
		/* All streams are discarded here: this never returns a packet. */
		while (packet && av_read_frame(source->format, packet) >= 0)
			av_packet_unref(packet);
		av_packet_free(&packet);
		if (source->exhausted)
			return too_complex(ret_verdict);
	}
	int count = avformat_index_get_entries_count(source->video);
	for (int i = 0; i < count; i++) {
		const AVIndexEntry *entry = avformat_index_get_entry(source->video, i);
		if (entry->pos < 0 || entry->pos > source->size - entry->size) {
			video_refuse(ret_verdict, VIDEO_TRUNCATED,
				     "The end of the video is missing. Export or copy it again, "
				     "then upload that file.");
			return STATUS_INVALID;
		}
		/* Frames that an edit of the video cut away are not shown. */
		if (entry->flags & AVINDEX_DISCARD_FRAME)
			continue;
		if (!frame_times_add(frames, entry->timestamp))
			break;
	}
	return STATUS_OK;
}

/* VP8 has packets that show nothing and only help later ones. */
static bool is_hidden(const AVPacket *packet, enum AVCodecID codec)
{
	return codec == AV_CODEC_ID_VP8 && packet->size > 0 && !(packet->data[0] & 0x10);
}

/* WebM: the packets, all of them when only they can tell the duration. */
static enum status read_packets(struct source *source, bool duration_known,
				struct frame_times *frames, struct video_verdict *ret_verdict)
{
	AVPacket *packet = av_packet_alloc();
	source->video->discard = AVDISCARD_DEFAULT;
	while (packet && av_read_frame(source->format, packet) >= 0) {
		int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
		bool counts = packet->stream_index == source->video->index &&
			      time != AV_NOPTS_VALUE &&
			      !is_hidden(packet, source->video->codecpar->codec_id);
		av_packet_unref(packet);
		if (counts && !frame_times_add(frames, time))
			break;
		if (duration_known && frames->count >= SAMPLE_FRAMES)
			break;
	}
	av_packet_free(&packet);
	source->video->discard = AVDISCARD_ALL;
	return source->exhausted ? too_complex(ret_verdict) : STATUS_OK;
}

/* Time in units of the stream to a clamped count of units of 1/scale seconds. */
static int64_t rescale(int64_t time, AVRational unit, int scale)
{
	if (unit.num <= 0 || unit.den <= 0 || time <= 0)
		return 0;
	int64_t value = av_rescale_q(time, unit, (AVRational){ 1, scale });
	return value < 0 || value > DURATION_MS_MAX ? DURATION_MS_MAX : value;
}

/*
 * Variable: more than one frame in a hundred (and more than two) comes a fifth earlier or later
 * than the mean distance. A millisecond on top is what WebM's rounding takes.
 */
static bool is_variable(const struct frame_times *frames, double mean, double millisecond)
{
	int off = 0;
	for (int i = 1; i < frames->count; i++) {
		double distance = (double)frames->times[i] - (double)frames->times[i - 1];
		double error = distance > mean ? distance - mean : mean - distance;
		if (error > mean / 5 + millisecond)
			off++;
	}
	return off > 2 && off > frames->count / 100;
}

static void judge_frames(const struct source *source, const struct frame_times *frames,
			 struct video *video)
{
	AVRational unit = source->video->time_base;
	if (frames->count == 0 || unit.num <= 0 || unit.den <= 0)
		return;
	int64_t first = frames->times[0], last = first;
	for (int i = 1; i < frames->count; i++) {
		first = frames->times[i] < first ? frames->times[i] : first;
		last = frames->times[i] > last ? frames->times[i] : last;
	}
	double span = (double)last - (double)first;
	if (frames->count == 1 || span <= 0) {
		if (video->duration_ms > 0)
			video->fps_milli = (int)(1000000 / video->duration_ms);
		return;
	}
	double mean = span / (frames->count - 1);
	double fps_milli = 1000.0 * unit.den / unit.num / mean;
	video->fps_milli = fps_milli > FPS_MILLI_MAX ? FPS_MILLI_MAX : (int)(fps_milli + 0.5);
	video->fps_variable = is_variable(frames, mean, unit.den / 1000.0 / unit.num);

	/* The header may promise less; the last frame is shown as long as the others. */
	double seconds = (span + mean) * unit.num / unit.den;
	int64_t counted = seconds > 1e9 ? DURATION_MS_MAX : (int64_t)(seconds * 1000 + 0.5);
	if (counted > video->duration_ms)
		video->duration_ms = counted;
}

enum status timing_find(struct source *source, const struct sniff *sniff, struct video *video,
			struct video_verdict *ret_verdict)
{
	video->duration_ms = rescale(source->format->duration, AV_TIME_BASE_Q, 1000);
	if (video->duration_ms == 0)
		video->duration_ms =
			rescale(source->video->duration, source->video->time_base, 1000);

	CLEANUP(frame_times) struct frame_times frames = { 0 };
	enum status st =
		sniff->kind == SNIFF_WEBM
			? read_packets(source, video->duration_ms > 0, &frames, ret_verdict)
			: read_index(source, sniff->fragmented, &frames, ret_verdict);
	if (st == STATUS_OK)
		judge_frames(source, &frames, video);
	return st;
}
