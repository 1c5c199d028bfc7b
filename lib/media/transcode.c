/* Packets in, frames at even distances out, the sound beside them. */
#include "media/transcode.h"

#include <string.h>

#include <libavutil/channel_layout.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

#include "base/status.h"
#include "media/decoder.h"
#include "media/encode.h"
#include "media/mend.h"
#include "media/source.h"
#include "media/still.h"
#include "media/video.h"

enum {
	SECONDS_MAX = 630,   /* TikTok takes ten minutes */
	SOUND_SLIP = 1024,   /* samples that sound may be early or late unnoticed */
	SILENCE_STEP = 4096, /* samples */
	PROGRESS_MS = 1000,
	COLOURS_FROM_HEIGHT = 720, /* from here on unnamed colours are BT.709 */
};

struct transcode {
	struct mend mend;
	struct source source;
	struct encode encode;
	AVCodecContext *picture, *sound; /* decoders */
	struct SwsContext *scaler;
	struct SwrContext *resampler;
	AVPacket *packet;
	AVFrame *frame;
	AVFrame *held;	  /* decoded, shown until the next one's time; NULL before the first */
	AVFrame *ready;	  /* held as it is coded; NULL until it is needed */
	double held_time; /* s */
	int64_t next;	  /* number of the picture to be coded next */
	int64_t samples;  /* of sound, given to the encoder */
	int percent;
	int64_t told_at; /* ms since the file was opened */
	transcode_progress *progress;
	bool stopped;
};

static int sws_colours(const AVFrame *frame)
{
	switch ((int)frame->colorspace) {
	case AVCOL_SPC_BT709:
	case AVCOL_SPC_RGB:
		return SWS_CS_ITU709;
	case AVCOL_SPC_BT2020_NCL:
	case AVCOL_SPC_BT2020_CL:
		return SWS_CS_BT2020;
	case AVCOL_SPC_UNSPECIFIED:
		return frame->height >= COLOURS_FROM_HEIGHT ? SWS_CS_ITU709 : SWS_CS_ITU601;
	default:
		return SWS_CS_ITU601;
	}
}

/* The held frame in its new size, turned. */
static AVFrame *reshape(struct transcode *work)
{
	const AVFrame *from = work->held;
	const struct mend *mend = &work->mend;
	work->scaler = sws_getCachedContext(
		work->scaler, from->width, from->height, (enum AVPixelFormat)from->format,
		mend->width, mend->height, AV_PIX_FMT_YUV420P, SWS_BICUBIC, NULL, NULL, NULL);
	AVFrame *to = still_new(AV_PIX_FMT_YUV420P, mend->width, mend->height);
	if (!work->scaler || !to) {
		av_frame_free(&to);
		return NULL;
	}
	const int *colours = sws_getCoefficients(sws_colours(from));
	sws_setColorspaceDetails(work->scaler, colours, from->color_range == AVCOL_RANGE_JPEG,
				 colours, /* dstRange= */ 0, /* brightness= */ 0,
				 /* contrast= */ 1 << 16, /* saturation= */ 1 << 16);
	if (sws_scale(work->scaler, (const uint8_t *const *)from->data, from->linesize, 0,
		      from->height, to->data, to->linesize) != mend->height)
		av_frame_free(&to);
	if (!to || mend->rotation == 0)
		return to;
	AVFrame *turned = still_turn(to, mend->rotation);
	av_frame_free(&to);
	return turned;
}

static void tell(struct transcode *work)
{
	double done = (double)work->next / av_q2d(work->mend.rate) * 1000;
	int percent =
		work->mend.duration_ms > 0 ? (int)(done * 100 / (double)work->mend.duration_ms) : 0;
	/* 100 is for when all is done. */
	percent = percent > 99 ? 99 : percent;
	int64_t now = source_age_ms(&work->source);
	if (percent <= work->percent && now - work->told_at < PROGRESS_MS)
		return;
	work->percent = percent > work->percent ? percent : work->percent;
	work->told_at = now;
	if (!work->progress(work->percent))
		work->stopped = true;
}

/* Code the held frame for every picture whose time comes before until (s). */
static enum repair_failure show_until(struct transcode *work, double until)
{
	const double distance = 1 / av_q2d(work->mend.rate);
	enum repair_failure failure = REPAIR_NO_FAILURE;
	while (failure == REPAIR_NO_FAILURE && !work->stopped &&
	       ((double)work->next + 0.5) * distance < until) {
		if ((double)work->next * distance > SECONDS_MAX)
			return REPAIR_TOO_LONG;
		if (!work->ready)
			work->ready = reshape(work);
		if (!work->ready)
			return REPAIR_TOO_LARGE;
		/* The encoder may still look at the last one. */
		AVFrame *copy = av_frame_clone(work->ready);
		if (!copy)
			return REPAIR_TOO_LARGE;
		failure = encode_picture(&work->encode, copy, work->next++);
		av_frame_free(&copy);
		tell(work);
	}
	return failure;
}

/* Take over a decoded picture: it is shown from its time on. */
static enum repair_failure take_picture(struct transcode *work)
{
	double time = work->held ? work->held_time + work->mend.frame_seconds : 0;
	if (work->frame->best_effort_timestamp != AV_NOPTS_VALUE)
		time = (double)work->frame->best_effort_timestamp *
			       av_q2d(work->source.video->time_base) -
		       work->mend.origin;
	enum repair_failure failure = work->held ? show_until(work, time) : REPAIR_NO_FAILURE;
	if (failure != REPAIR_NO_FAILURE)
		return failure;
	av_frame_free(&work->ready);
	av_frame_free(&work->held);
	work->held = av_frame_clone(work->frame);
	work->held_time = time;
	return work->held ? REPAIR_NO_FAILURE : REPAIR_TOO_LARGE;
}

static enum repair_failure add_silence(struct transcode *work, int64_t samples)
{
	float nothing[SILENCE_STEP] = { 0 };
	uint8_t *planes[ENCODE_SOUND_CHANNELS] = { (uint8_t *)nothing, (uint8_t *)nothing };
	enum repair_failure failure = REPAIR_NO_FAILURE;
	while (failure == REPAIR_NO_FAILURE && samples > 0) {
		int step = samples < SILENCE_STEP ? (int)samples : SILENCE_STEP;
		failure = encode_sound(&work->encode, planes, step);
		work->samples += step;
		samples -= step;
	}
	return failure;
}

static bool set_resampler(struct transcode *work)
{
	const AVFrame *frame = work->frame;
	AVChannelLayout from = { 0 }, to;
	av_channel_layout_default(&to, ENCODE_SOUND_CHANNELS);
	if (frame->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
		av_channel_layout_default(&from, frame->ch_layout.nb_channels);
	else if (av_channel_layout_copy(&from, &frame->ch_layout) < 0)
		return false;
	bool done = swr_alloc_set_opts2(
			    &work->resampler, &to, AV_SAMPLE_FMT_FLTP, ENCODE_SOUND_RATE, &from,
			    (enum AVSampleFormat)frame->format, frame->sample_rate, 0, NULL) >= 0 &&
		    swr_init(work->resampler) >= 0;
	av_channel_layout_uninit(&from);
	return done;
}

/* Where a sound belongs by its time, against where it would come: silence added, or some dropped. */
static enum repair_failure place_sound(struct transcode *work, int64_t *ret_drop)
{
	*ret_drop = 0;
	if (work->frame->best_effort_timestamp == AV_NOPTS_VALUE)
		return REPAIR_NO_FAILURE;
	double time =
		(double)work->frame->best_effort_timestamp * av_q2d(work->source.audio->time_base) -
		work->mend.origin;
	if (!(time > -SECONDS_MAX && time < SECONDS_MAX))
		return REPAIR_TOO_LONG;
	int64_t off = (int64_t)(time * ENCODE_SOUND_RATE) - work->samples;
	if (off > SOUND_SLIP)
		return add_silence(work, off);
	if (off < -SOUND_SLIP)
		*ret_drop = -off;
	return REPAIR_NO_FAILURE;
}

static enum repair_failure take_sound(struct transcode *work)
{
	AVFrame *frame = work->frame;
	int64_t drop;
	if (frame->sample_rate <= 0 || frame->nb_samples <= 0)
		return REPAIR_NO_FAILURE;
	enum repair_failure failure = place_sound(work, &drop);
	if (failure != REPAIR_NO_FAILURE)
		return failure;
	if (!work->resampler && !set_resampler(work))
		return REPAIR_CODEC_UNKNOWN;
	AVFrame *out = av_frame_alloc();
	if (!out)
		return REPAIR_TOO_LARGE;
	out->format = AV_SAMPLE_FMT_FLTP;
	out->sample_rate = ENCODE_SOUND_RATE;
	av_channel_layout_default(&out->ch_layout, ENCODE_SOUND_CHANNELS);
	/* A stream that changes its kind of sound in the middle gets a new resampler. */
	int result = swr_convert_frame(work->resampler, out, frame);
	if (result == AVERROR_INPUT_CHANGED && set_resampler(work))
		result = swr_convert_frame(work->resampler, out, frame);
	if (result >= 0 && out->nb_samples > drop) {
		uint8_t *planes[ENCODE_SOUND_CHANNELS] = {
			out->data[0] + drop * (int64_t)sizeof(float),
			out->data[1] + drop * (int64_t)sizeof(float),
		};
		int samples = out->nb_samples - (int)drop;
		failure = encode_sound(&work->encode, planes, samples);
		work->samples += samples;
	}
	av_frame_free(&out);
	return failure;
}

/* Decode packet (NULL: the end). Damage is stepped over. */
static enum repair_failure decode(struct transcode *work, AVCodecContext *decoder,
				  const AVPacket *packet)
{
	if (!decoder || avcodec_send_packet(decoder, packet) < 0)
		return REPAIR_NO_FAILURE;
	enum repair_failure failure = REPAIR_NO_FAILURE;
	while (failure == REPAIR_NO_FAILURE && !work->stopped &&
	       avcodec_receive_frame(decoder, work->frame) >= 0) {
		failure = decoder == work->picture ? take_picture(work) : take_sound(work);
		av_frame_unref(work->frame);
	}
	return failure;
}

static enum repair_failure run(struct transcode *work)
{
	enum repair_failure failure = REPAIR_NO_FAILURE;
	int picture = work->source.video->index;
	int sound = work->sound ? work->source.audio->index : -1;
	work->source.video->discard = AVDISCARD_DEFAULT;
	if (work->sound)
		work->source.format->streams[sound]->discard = AVDISCARD_DEFAULT;
	while (failure == REPAIR_NO_FAILURE && !work->stopped &&
	       av_read_frame(work->source.format, work->packet) >= 0) {
		int index = work->packet->stream_index;
		if (index == picture)
			failure = decode(work, work->picture, work->packet);
		else if (index == sound)
			failure = decode(work, work->sound, work->packet);
		av_packet_unref(work->packet);
		tell(work);
	}
	if (failure == REPAIR_NO_FAILURE)
		failure = decode(work, work->picture, NULL);
	if (failure == REPAIR_NO_FAILURE)
		failure = decode(work, work->sound, NULL);
	if (failure == REPAIR_NO_FAILURE && !work->held)
		return REPAIR_UNREADABLE;
	if (failure == REPAIR_NO_FAILURE)
		failure = show_until(work, work->held_time + work->mend.frame_seconds);
	return failure == REPAIR_NO_FAILURE ? encode_finish(&work->encode) : failure;
}

static enum repair_failure open_all(struct transcode *work, int fd, int64_t size, int output)
{
	struct video_verdict verdict;
	if (source_open(&work->source, fd, size, work->mend.kind, &verdict) != STATUS_OK)
		return REPAIR_UNREADABLE;
	source_lift_budget(&work->source);
	work->picture = decoder_open_picture(&work->source);
	if (work->mend.has_sound)
		work->sound = decoder_open_sound(&work->source);
	if (!work->picture || (work->mend.has_sound && !work->sound))
		return REPAIR_CODEC_UNKNOWN;
	work->packet = av_packet_alloc();
	work->frame = av_frame_alloc();
	if (!work->packet || !work->frame)
		return REPAIR_TOO_LARGE;
	return encode_open(&work->encode, output, &work->mend);
}

enum repair_failure transcode(int fd, int64_t size, int output, transcode_progress *progress)
{
	struct transcode work = { .progress = progress };
	enum repair_failure failure = mend_plan(fd, size, &work.mend);
	if (failure != REPAIR_NO_FAILURE)
		return failure;
	failure = open_all(&work, fd, size, output);
	if (failure == REPAIR_NO_FAILURE)
		failure = run(&work);
	encode_close(&work.encode);
	decoder_close(&work.picture);
	decoder_close(&work.sound);
	sws_freeContext(work.scaler);
	swr_free(&work.resampler);
	av_packet_free(&work.packet);
	av_frame_free(&work.frame);
	av_frame_free(&work.held);
	av_frame_free(&work.ready);
	source_close(&work.source);
	return failure;
}
