/*
 * What a file is by its own bytes, before any library sees it. Only the three containers that
 * TikTok takes pass; the demuxer is then forced to what was found here, so that a playlist or an
 * archive under a video's name goes nowhere.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct video_verdict;

enum sniff_kind { SNIFF_MP4, SNIFF_MOV, SNIFF_WEBM };

struct sniff {
	enum sniff_kind kind;
	bool fragmented; /* MP4 or MOV whose index is spread over the file */
};

enum { SNIFF_HEAD_MAX = 1024 }; /* bytes of the beginning that sniff_head wants to see */

/*
 * Judge the first bytes of a file: all of them, or SNIFF_HEAD_MAX.
 * STATUS_INVALID with the reason in ret_verdict when it is none of ours.
 */
MUST_CHECK enum status sniff_head(const uint8_t *head, size_t length, enum sniff_kind *ret_kind,
				  struct video_verdict *ret_verdict);

/*
 * Judge a whole file of size bytes: its head, its outline (are all parts there, is it cut off) and
 * its tail (no archive hidden behind the video). Reads fd by offset. STATUS_INVALID as above.
 */
MUST_CHECK enum status sniff_file(int fd, int64_t size, struct sniff *ret_sniff,
				  struct video_verdict *ret_verdict);

/* "mp4", "mov", "webm". */
const char *sniff_kind_name(enum sniff_kind kind);
