/* Which decoders. The library's default could be a wrapper of some other library, or of a device. */
#include "media/decoder.h"

#include <string.h>

#include "base/status.h"
#include "media/source.h"

enum { PIXELS_MAX = 8192 * 8192 };

static const struct {
	enum AVCodecID codec;
	const char *name;
} decoders[] = {
	{ AV_CODEC_ID_H264, "h264" },
	{ AV_CODEC_ID_HEVC, "hevc" },
	{ AV_CODEC_ID_VP8, "vp8" },
	{ AV_CODEC_ID_VP9, "vp9" },
	{ AV_CODEC_ID_AV1, "libdav1d" },
	{ AV_CODEC_ID_MPEG4, "mpeg4" },
	{ AV_CODEC_ID_MPEG2VIDEO, "mpeg2video" },
	{ AV_CODEC_ID_MPEG1VIDEO, "mpeg1video" },
	{ AV_CODEC_ID_H263, "h263" },
	{ AV_CODEC_ID_PRORES, "prores" },
	{ AV_CODEC_ID_DNXHD, "dnxhd" },
	{ AV_CODEC_ID_CFHD, "cfhd" },
	{ AV_CODEC_ID_MJPEG, "mjpeg" },
	{ AV_CODEC_ID_QTRLE, "qtrle" },
	{ AV_CODEC_ID_AAC, "aac" },
	{ AV_CODEC_ID_MP3, "mp3float" },
	{ AV_CODEC_ID_OPUS, "opus" },
	{ AV_CODEC_ID_VORBIS, "vorbis" },
	{ AV_CODEC_ID_ALAC, "alac" },
	{ AV_CODEC_ID_FLAC, "flac" },
	{ AV_CODEC_ID_AC3, "ac3" },
	{ AV_CODEC_ID_EAC3, "eac3" },
	{ AV_CODEC_ID_AMR_NB, "amrnb" },
	{ AV_CODEC_ID_AMR_WB, "amrwb" },
};

static const AVCodec *find(enum AVCodecID codec)
{
	for (size_t i = 0; i < ARRAY_SIZE(decoders); i++) {
		if (decoders[i].codec == codec)
			return avcodec_find_decoder_by_name(decoders[i].name);
	}
	/* Plain samples: one decoder each, all the library's own. */
	if (strncmp(avcodec_get_name(codec), "pcm_", 4) == 0)
		return avcodec_find_decoder(codec);
	return NULL;
}

static AVCodecContext *open_decoder(const AVStream *stream)
{
	const AVCodec *codec = stream ? find(stream->codecpar->codec_id) : NULL;
	AVCodecContext *decoder = codec ? avcodec_alloc_context3(codec) : NULL;
	if (!decoder)
		return NULL;
	if (stream->time_base.num > 0 && stream->time_base.den > 0 &&
	    avcodec_parameters_to_context(decoder, stream->codecpar) >= 0) {
		decoder->thread_count = 1;
		decoder->max_pixels = PIXELS_MAX;
		decoder->pkt_timebase = stream->time_base;
		if (avcodec_open2(decoder, codec, NULL) >= 0)
			return decoder;
	}
	avcodec_free_context(&decoder);
	return NULL;
}

AVCodecContext *decoder_open_picture(const struct source *source)
{
	return open_decoder(source->video);
}

AVCodecContext *decoder_open_sound(const struct source *source)
{
	return open_decoder(source->audio);
}

void decoder_close(AVCodecContext **decoder)
{
	avcodec_free_context(decoder);
}
