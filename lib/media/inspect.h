/* The whole examination of one file: what the sandboxed child does. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <libavcodec/avcodec.h>

#include "media/source.h"
#include "media/video.h"

/* Do what the libraries do at their first use and no sandbox allows. */
void inspect_prepare(void);

struct inspection {
	struct video video; /* what was found, also when refused; its texts are static */
	struct video_verdict verdict;
	uint8_t *thumbnail; /* JPEG, NULL when there is none; av_free() */
	size_t thumbnail_size;
	/* For the strip: */
	struct source source;
	bool is_open;
	AVCodecContext *decoder;
	AVFrame *frame;	     /* the one that the thumbnail shows */
	int64_t decoding_ms; /* CPU time that it took */
};

/*
 * Examine the file behind fd, which is only read, by offset, and has size bytes (less than 0: it is
 * no regular file, which is refused). Opens nothing, starts nothing; call inspect_prepare() once
 * before.
 */
void inspect_file(int fd, int64_t size, struct inspection *ret_inspection);

/*
 * The strip of frames of an accepted video; after its report is safe, since the picture data of the
 * whole file is strange ground. Returns its frames, 0: none. av_free() ret_jpeg.
 */
int inspect_strip(struct inspection *inspection, uint8_t **ret_jpeg, size_t *ret_size);

/* The report of the protocol as JSON text: its length, or 0 when size bytes do not suffice. */
size_t inspection_report(const struct inspection *inspection, char *text, size_t size);

/* Free what the inspection holds. */
void inspection_release(struct inspection *inspection);
