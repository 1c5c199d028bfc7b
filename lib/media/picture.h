/* Single decoded frames of a video. */
#pragma once
#include <stdint.h>
#include <libavcodec/avcodec.h>

struct source;

/* "h264", "hevc", "vp8", "vp9", else the library's name of the video codec; "" unknown. */
const char *picture_codec_name(const struct source *source);

/* Degrees clockwise that the file asks players to turn the picture: 0, 90, 180 or 270. */
int picture_rotation(const struct source *source);

/*
 * A decoder for single key frames; the caller frees it with picture_close(). NULL when the codec is
 * none of the four, or is not described.
 */
AVCodecContext *picture_open(const struct source *source);
void picture_close(AVCodecContext **decoder);

/*
 * Decode the key frame nearest to at_ms, or one that follows. NULL when none can be decoded. The caller
 * frees it with av_frame_free().
 */
AVFrame *picture_decode(struct source *source, AVCodecContext *decoder, int64_t at_ms);
