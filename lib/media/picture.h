/* One decoded frame of a video. */
#pragma once
#include <stdint.h>
#include <libavutil/frame.h>

struct source;

/* "h264", "hevc", "vp8", "vp9", else the library's name of the video codec; "" unknown. */
const char *picture_codec_name(const struct source *source);

/* Degrees clockwise that the file asks players to turn the picture: 0, 90, 180 or 270. */
int picture_rotation(const struct source *source);

/*
 * Decode a key frame near at_ms, or the first that can be decoded. NULL when none can, or when the
 * codec is none of the four. The caller frees it with av_frame_free().
 */
AVFrame *picture_decode(struct source *source, int64_t at_ms);
