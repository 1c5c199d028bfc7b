/* A small JPEG of one frame. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libavutil/frame.h>

enum { THUMBNAIL_SIDE = 480 }; /* pixels of the longer side */

/*
 * Scale frame to fit THUMBNAIL_SIDE, turn it by rotation degrees clockwise (a multiple of 90), code
 * it as JPEG. False when that fails; on success the caller frees ret_jpeg with av_free().
 */
bool thumbnail_encode(const AVFrame *frame, int rotation, uint8_t **ret_jpeg, size_t *ret_size);
