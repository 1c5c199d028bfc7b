/* Encoders, muxer, and the one file they write. */
#include "media/encode.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <libavutil/channel_layout.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>

#include "base/status.h"

enum {
	IO_BUFFER = 256 * 1024,
	KEY_FRAME_SECONDS = 2,
	SOUND_BITS = 160000,
	/* Ten minutes of this are 3 GB: within what TikTok takes. */
	PICTURE_BITS_MAX = 40000000,
};

static int output_write(void *opaque, uint8_t *bytes, int length)
{
	struct encode *encode = opaque;
	for (int done = 0; done < length;) {
		ssize_t written =
			pwrite(encode->fd, bytes + done, (size_t)(length - done), encode->position);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			encode->error = encode->error ? encode->error : errno;
			return AVERROR(EIO);
		}
		done += (int)written;
		encode->position += written;
	}
	if (encode->position > encode->size)
		encode->size = encode->position;
	return length;
}

static int64_t seek_to(int64_t *position, int64_t size, int64_t offset, int whence)
{
	int64_t base = 0, target;
	switch (whence & ~AVSEEK_FORCE) {
	case AVSEEK_SIZE:
		return size;
	case SEEK_CUR:
		base = *position;
		break;
	case SEEK_END:
		base = size;
		break;
	default:
		break;
	}
	if (__builtin_add_overflow(base, offset, &target) || target < 0)
		return AVERROR(EINVAL);
	*position = target;
	return target;
}

static int64_t output_seek(void *opaque, int64_t offset, int whence)
{
	struct encode *encode = opaque;
	return seek_to(&encode->position, encode->size, offset, whence);
}

static int reader_read(void *opaque, uint8_t *bytes, int length)
{
	struct encode *encode = opaque;
	ssize_t got = pread(encode->fd, bytes, (size_t)length, encode->read_position);
	if (got < 0)
		return AVERROR(errno);
	encode->read_position += got;
	return got == 0 ? AVERROR_EOF : (int)got;
}

static int64_t reader_seek(void *opaque, int64_t offset, int whence)
{
	struct encode *encode = opaque;
	return seek_to(&encode->read_position, encode->size, offset, whence);
}

static AVIOContext *io_open(struct encode *encode, bool writes)
{
	uint8_t *buffer = av_malloc(IO_BUFFER);
	AVIOContext *io = !buffer  ? NULL
			  : writes ? avio_alloc_context(buffer, IO_BUFFER, 1, encode, NULL,
							output_write, output_seek)
				   : avio_alloc_context(buffer, IO_BUFFER, 0, encode, reader_read,
							NULL, reader_seek);
	if (!io)
		av_free(buffer);
	return io;
}

static void io_close(AVIOContext **io)
{
	if (*io)
		av_freep(&(*io)->buffer);
	avio_context_free(io);
}

/* To put the index in front the muxer reads what it wrote, and nothing else is opened. */
static int reopen(AVFormatContext *format, AVIOContext **ret_io, const char *url, int flags,
		  AVDictionary **options)
{
	(void)url;
	(void)options;
	struct encode *encode = format->opaque;
	if (flags != AVIO_FLAG_READ)
		return AVERROR(EPERM);
	encode->read_position = 0;
	*ret_io = io_open(encode, /* writes= */ false);
	return *ret_io ? 0 : AVERROR(ENOMEM);
}

static int close_again(AVFormatContext *format, AVIOContext *io)
{
	(void)format;
	io_close(&io);
	return 0;
}

static enum repair_failure failure_of(const struct encode *encode, int result)
{
	if (encode->error == ENOSPC || encode->error == EDQUOT || encode->error == EIO)
		return REPAIR_NO_ROOM;
	if (encode->error == EFBIG || result == AVERROR(ENOMEM))
		return REPAIR_TOO_LARGE;
	return REPAIR_UNREADABLE;
}

static AVStream *add_stream(struct encode *encode, AVCodecContext *encoder)
{
	AVStream *stream = avformat_new_stream(encode->format, NULL);
	if (!stream || avcodec_parameters_from_context(stream->codecpar, encoder) < 0)
		return NULL;
	stream->time_base = encoder->time_base;
	return stream;
}

static int open_picture(struct encode *encode, const struct mend *mend)
{
	const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
	AVCodecContext *encoder = codec ? avcodec_alloc_context3(codec) : NULL;
	if (!encoder)
		return AVERROR(ENOMEM);
	encode->picture = encoder;
	bool is_side = mend->rotation % 180 != 0;
	encoder->width = is_side ? mend->height : mend->width;
	encoder->height = is_side ? mend->width : mend->height;
	encoder->sample_aspect_ratio = (AVRational){ 1, 1 };
	encoder->pix_fmt = AV_PIX_FMT_YUV420P;
	encoder->color_range = AVCOL_RANGE_MPEG;
	encoder->colorspace =
		mend->colour_space == AVCOL_SPC_RGB ? AVCOL_SPC_BT709 : mend->colour_space;
	encoder->color_primaries = mend->primaries;
	encoder->color_trc = mend->transfer;
	encoder->time_base = av_inv_q(mend->rate);
	encoder->framerate = mend->rate;
	encoder->gop_size = (int)(av_q2d(mend->rate) * KEY_FRAME_SECONDS + 0.5);
	encoder->thread_count = 1;
	encoder->rc_max_rate = PICTURE_BITS_MAX;
	encoder->rc_buffer_size = PICTURE_BITS_MAX;
	encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
	AVDictionary *options = NULL;
	av_dict_set(&options, "preset", "veryfast", 0);
	av_dict_set(&options, "profile", "high", 0);
	av_dict_set(&options, "crf", "20", 0);
	av_dict_set(&options, "x264-params", "threads=1:lookahead-threads=1:sync-lookahead=0", 0);
	int result = avcodec_open2(encoder, codec, &options);
	av_dict_free(&options);
	return result < 0 ? result : add_stream(encode, encoder) ? 0 : AVERROR(ENOMEM);
}

static int open_sound(struct encode *encode)
{
	const AVCodec *codec = avcodec_find_encoder_by_name("aac");
	AVCodecContext *encoder = codec ? avcodec_alloc_context3(codec) : NULL;
	if (!encoder)
		return AVERROR(ENOMEM);
	encode->sound = encoder;
	encoder->sample_rate = ENCODE_SOUND_RATE;
	encoder->sample_fmt = AV_SAMPLE_FMT_FLTP;
	encoder->bit_rate = SOUND_BITS;
	encoder->time_base = (AVRational){ 1, ENCODE_SOUND_RATE };
	encoder->thread_count = 1;
	encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
	av_channel_layout_default(&encoder->ch_layout, ENCODE_SOUND_CHANNELS);
	int result = avcodec_open2(encoder, codec, NULL);
	if (result < 0)
		return result;
	encode->waiting =
		av_audio_fifo_alloc(AV_SAMPLE_FMT_FLTP, ENCODE_SOUND_CHANNELS, ENCODE_SOUND_RATE);
	return encode->waiting && add_stream(encode, encoder) ? 0 : AVERROR(ENOMEM);
}

enum repair_failure encode_open(struct encode *encode, int fd, const struct mend *mend)
{
	*encode = (struct encode){ .fd = fd, .packet = av_packet_alloc() };
	encode->io = io_open(encode, /* writes= */ true);
	int result = AVERROR(ENOMEM);
	if (encode->io && encode->packet)
		result = avformat_alloc_output_context2(&encode->format, NULL, "mp4", NULL);
	if (result < 0)
		return failure_of(encode, result);
	encode->format->pb = encode->io;
	encode->format->opaque = encode;
	encode->format->io_open = reopen;
	encode->format->io_close2 = close_again;
	encode->format->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
	result = open_picture(encode, mend);
	if (result >= 0 && mend->has_sound)
		result = open_sound(encode);
	AVDictionary *options = NULL;
	av_dict_set(&options, "movflags", "+faststart", 0);
	if (result >= 0)
		result = avformat_write_header(encode->format, &options);
	av_dict_free(&options);
	return result < 0 ? failure_of(encode, result) : REPAIR_NO_FAILURE;
}

/* Code frame (NULL: the end) and write what is ready. */
static enum repair_failure code(struct encode *encode, AVCodecContext *encoder, AVFrame *frame)
{
	int result = avcodec_send_frame(encoder, frame);
	while (result >= 0) {
		result = avcodec_receive_packet(encoder, encode->packet);
		if (result == AVERROR(EAGAIN) || result == AVERROR_EOF)
			return REPAIR_NO_FAILURE;
		if (result < 0)
			break;
		const AVStream *stream = encode->format->streams[encoder == encode->sound ? 1 : 0];
		if (encoder == encode->picture)
			encode->packet->duration = 1;
		encode->packet->stream_index = stream->index;
		av_packet_rescale_ts(encode->packet, encoder->time_base, stream->time_base);
		result = av_interleaved_write_frame(encode->format, encode->packet);
	}
	return failure_of(encode, result);
}

enum repair_failure encode_picture(struct encode *encode, AVFrame *frame, int64_t number)
{
	frame->pts = number;
	frame->pict_type = AV_PICTURE_TYPE_NONE;
	return code(encode, encode->picture, frame);
}

/* One frame of sound out of what waits. */
static enum repair_failure code_samples(struct encode *encode, int samples)
{
	AVFrame *frame = av_frame_alloc();
	if (!frame)
		return REPAIR_TOO_LARGE;
	enum repair_failure failure = REPAIR_TOO_LARGE;
	frame->nb_samples = samples;
	frame->format = AV_SAMPLE_FMT_FLTP;
	frame->sample_rate = ENCODE_SOUND_RATE;
	av_channel_layout_default(&frame->ch_layout, ENCODE_SOUND_CHANNELS);
	if (av_frame_get_buffer(frame, 0) >= 0 &&
	    av_audio_fifo_read(encode->waiting, (void **)frame->data, samples) == samples) {
		frame->pts = encode->samples;
		encode->samples += samples;
		failure = code(encode, encode->sound, frame);
	}
	av_frame_free(&frame);
	return failure;
}

enum repair_failure encode_sound(struct encode *encode, uint8_t **planes, int samples)
{
	if (av_audio_fifo_write(encode->waiting, (void **)planes, samples) < samples)
		return REPAIR_TOO_LARGE;
	enum repair_failure failure = REPAIR_NO_FAILURE;
	while (failure == REPAIR_NO_FAILURE &&
	       av_audio_fifo_size(encode->waiting) >= encode->sound->frame_size)
		failure = code_samples(encode, encode->sound->frame_size);
	return failure;
}

enum repair_failure encode_finish(struct encode *encode)
{
	enum repair_failure failure = code(encode, encode->picture, NULL);
	if (failure == REPAIR_NO_FAILURE && encode->sound) {
		int rest = av_audio_fifo_size(encode->waiting);
		if (rest > 0)
			failure = code_samples(encode, rest);
		if (failure == REPAIR_NO_FAILURE)
			failure = code(encode, encode->sound, NULL);
	}
	if (failure != REPAIR_NO_FAILURE)
		return failure;
	int result = av_write_trailer(encode->format);
	avio_flush(encode->io);
	return result < 0 || encode->error ? failure_of(encode, result) : REPAIR_NO_FAILURE;
}

void encode_close(struct encode *encode)
{
	avcodec_free_context(&encode->picture);
	avcodec_free_context(&encode->sound);
	if (encode->format)
		encode->format->pb = NULL;
	avformat_free_context(encode->format);
	encode->format = NULL;
	io_close(&encode->io);
	av_packet_free(&encode->packet);
	if (encode->waiting)
		av_audio_fifo_free(encode->waiting);
	encode->waiting = NULL;
}
