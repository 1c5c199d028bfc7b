/* Decoding with the smallest memory: one key frame in, one picture out, no threads, no queue. */
#include "media/picture.h"

#include <math.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavutil/display.h>
#include <libavutil/mathematics.h>

#include "base/status.h"
#include "media/source.h"

enum {
	PIXELS_MAX = 8192 * 8192, /* above what TikTok takes, so that the true size can be told */
	PACKETS_MAX = 1200,	  /* looked at from one starting point, */
	ATTEMPTS_MAX = 4,	  /* of which key frames decoded */
};

static void packet_cleanup(AVPacket **packet)
{
	av_packet_free(packet);
}

static void frame_cleanup(AVFrame **frame)
{
	av_frame_free(frame);
}

const char *picture_codec_name(const struct source *source)
{
	enum AVCodecID codec = source->video->codecpar->codec_id;
	return codec == AV_CODEC_ID_NONE ? "" : avcodec_get_name(codec);
}

int picture_rotation(const struct source *source)
{
	size_t size = 0;
	const uint8_t *matrix =
		av_stream_get_side_data(source->video, AV_PKT_DATA_DISPLAYMATRIX, &size);
	if (!matrix || size < 9 * sizeof(int32_t))
		return 0;
	int32_t values[9];
	memcpy(values, matrix, sizeof(values));
	double counterclockwise = av_display_rotation_get(values);
	if (isnan(counterclockwise))
		return 0;
	long quarters = lround(-counterclockwise / 90.0);
	return (int)((quarters % 4 + 4) % 4) * 90;
}

/* Native decoders by name: the library's default could be a wrapper of some other library. */
static const AVCodec *find_decoder(enum AVCodecID codec)
{
	static const struct {
		enum AVCodecID codec;
		const char *name;
	} decoders[] = {
		{ AV_CODEC_ID_H264, "h264" },
		{ AV_CODEC_ID_HEVC, "hevc" },
		{ AV_CODEC_ID_VP8, "vp8" },
		{ AV_CODEC_ID_VP9, "vp9" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(decoders); i++) {
		if (decoders[i].codec == codec)
			return avcodec_find_decoder_by_name(decoders[i].name);
	}
	return NULL;
}

/* The frame of one key packet, pushed out at once. */
static bool decode_packet(AVCodecContext *decoder, const AVPacket *packet, AVFrame *frame)
{
	avcodec_flush_buffers(decoder);
	return avcodec_send_packet(decoder, packet) >= 0 &&
	       avcodec_send_packet(decoder, NULL) >= 0 &&
	       avcodec_receive_frame(decoder, frame) >= 0 && frame->width > 0 && frame->height > 0;
}

/* Key frames may be far apart: the nearer of the two is sought, where the file has an index. */
static int64_t nearest_key(AVStream *stream, int64_t target)
{
	int before = av_index_search_timestamp(stream, target, AVSEEK_FLAG_BACKWARD);
	int after = av_index_search_timestamp(stream, target, 0);
	const AVIndexEntry *left = avformat_index_get_entry(stream, before);
	const AVIndexEntry *right = avformat_index_get_entry(stream, after);
	if (!left || !right || left->timestamp > target || right->timestamp < target)
		return target;
	return target - left->timestamp <= right->timestamp - target ? left->timestamp
								     : right->timestamp;
}

AVFrame *picture_decode(struct source *source, AVCodecContext *decoder, int64_t at_ms)
{
	AVStream *stream = source->video;
	CLEANUP(packet) AVPacket *packet = av_packet_alloc();
	CLEANUP(frame) AVFrame *frame = av_frame_alloc();
	if (!packet || !frame)
		return NULL;
	int64_t start = stream->start_time != AV_NOPTS_VALUE ? stream->start_time : 0;
	int64_t target = av_rescale_q(at_ms, (AVRational){ 1, 1000 }, stream->time_base);
	/* Where seeking fails, the packets that follow are as good. */
	stream->discard = AVDISCARD_DEFAULT;
	av_seek_frame(source->format, stream->index, nearest_key(stream, start + target),
		      AVSEEK_FLAG_BACKWARD);

	bool decoded = false;
	int attempts = 0;
	for (int packets = 0; !decoded && packets < PACKETS_MAX && attempts < ATTEMPTS_MAX;
	     packets++) {
		if (av_read_frame(source->format, packet) < 0)
			break;
		bool is_key =
			packet->stream_index == stream->index && (packet->flags & AV_PKT_FLAG_KEY);
		decoded = is_key && decode_packet(decoder, packet, frame);
		av_packet_unref(packet);
		attempts += is_key;
	}
	stream->discard = AVDISCARD_ALL;
	return decoded ? TAKE_POINTER(frame) : NULL;
}

AVCodecContext *picture_open(const struct source *source)
{
	const AVStream *stream = source->video;
	const AVCodec *codec = find_decoder(stream->codecpar->codec_id);
	AVCodecContext *decoder = codec ? avcodec_alloc_context3(codec) : NULL;
	if (!decoder)
		return NULL;
	if (stream->time_base.num > 0 && stream->time_base.den > 0 &&
	    avcodec_parameters_to_context(decoder, stream->codecpar) >= 0) {
		decoder->thread_count = 1;
		decoder->max_pixels = PIXELS_MAX;
		decoder->flags |= AV_CODEC_FLAG_LOW_DELAY;
		decoder->pkt_timebase = stream->time_base;
		if (avcodec_open2(decoder, codec, NULL) >= 0)
			return decoder;
	}
	avcodec_free_context(&decoder);
	return NULL;
}

void picture_close(AVCodecContext **decoder)
{
	avcodec_free_context(decoder);
}
