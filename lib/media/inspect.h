/* The whole examination of one file: what the sandboxed child does. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "media/video.h"

/* Do what the libraries do at their first use and no sandbox allows. */
void inspect_prepare(void);

struct inspection {
	struct video video; /* what was found, also when refused; its texts are static */
	struct video_verdict verdict;
	uint8_t *thumbnail; /* JPEG, NULL when there is none; av_free() */
	size_t thumbnail_size;
};

/*
 * Examine the file behind fd, which is only read, by offset, and has size bytes (less than 0: it is
 * no regular file, which is refused). Opens nothing, starts nothing; call inspect_prepare() once
 * before.
 */
void inspect_file(int fd, int64_t size, struct inspection *ret_inspection);

/* The report of the protocol as JSON text: its length, or 0 when size bytes do not suffice. */
size_t inspection_report(const struct inspection *inspection, char *text, size_t size);

/* Free what the inspection holds. */
void inspection_release(struct inspection *inspection);
