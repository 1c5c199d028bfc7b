/* Small pictures of frames: scaled, turned, coded as JPEG. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libavutil/frame.h>

/* An empty 4:2:0 picture. format: AV_PIX_FMT_YUV420P or AV_PIX_FMT_YUVJ420P. NULL: no memory. */
AVFrame *still_new(enum AVPixelFormat format, int width, int height);

/*
 * The sides that frame takes within box_width x box_height, its pixels made square: even, at least
 * 16, never larger than it is.
 */
void still_fit(const AVFrame *frame, int box_width, int box_height, int *ret_width,
	       int *ret_height);

/* Frame in another size, in the colours of JPEG. NULL when that fails; the caller frees. */
AVFrame *still_scale(const AVFrame *frame, int width, int height);

/* A 4:2:0 frame turned clockwise by 90, 180 or 270 degrees. NULL: no memory; the caller frees. */
AVFrame *still_turn(const AVFrame *frame, int rotation);

/* Both: within the box after turning. NULL when that fails; the caller frees. */
AVFrame *still_make(const AVFrame *frame, int rotation, int box_width, int box_height);

/*
 * Code what still_scale or still_new(AV_PIX_FMT_YUVJ420P) made. False when that fails; on success the
 * caller frees ret_jpeg with av_free().
 */
bool still_encode(AVFrame *frame, uint8_t **ret_jpeg, size_t *ret_size);

void still_cleanup(AVFrame **frame);
