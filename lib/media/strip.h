/* The strip of frames from which a cover is picked: one JPEG, frames side by side. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <libavcodec/avcodec.h>

struct source;

enum {
	STRIP_FRAMES = 10,     /* at most */
	STRIP_BOX_WIDTH = 288, /* pixels that one frame may take, turned as it is shown */
	STRIP_BOX_HEIGHT = 160,
};

/* What a strip is made from. */
struct strip_plan {
	int64_t duration_ms;
	int rotation;	     /* degrees clockwise */
	int64_t decoding_ms; /* CPU time that one frame has taken */
};

/*
 * Frame i of n shows the key frame nearest to the middle of the i-th part of the duration. Long files of
 * large pictures get fewer frames, so that all of it takes at most about three seconds of CPU time; the
 * frames that no time is left for, or that cannot be decoded, repeat what comes before. any: a frame
 * for those at the beginning. Returns the frames in the strip, 0: none was made. The caller frees
 * ret_jpeg with av_free().
 */
int strip_make(struct source *source, AVCodecContext *decoder, const AVFrame *any,
	       const struct strip_plan *plan, uint8_t **ret_jpeg, size_t *ret_size);
