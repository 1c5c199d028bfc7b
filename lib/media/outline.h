/* The outermost structure of a container: are all its parts there, and is the file whole? */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct video_verdict;

/* Read exactly length bytes at offset. False on error or where the file ends before. */
bool outline_read(int fd, void *bytes, size_t length, int64_t offset);

/*
 * Walk the boxes of an MP4 or MOV file. STATUS_INVALID with the reason when its index is missing or
 * a part goes beyond the end. ret_fragmented: the index continues in moof boxes.
 */
MUST_CHECK enum status outline_iso(int fd, int64_t size, bool *ret_fragmented,
				   struct video_verdict *ret_verdict);

/* The DocType of the EBML header at the start of head into type. False when there is none. */
bool outline_ebml_type(const uint8_t *head, size_t length, char *type, size_t type_size);

/* Walk to the segment of a WebM file; STATUS_INVALID when it is missing or cut off. */
MUST_CHECK enum status outline_webm(int fd, int64_t size, struct video_verdict *ret_verdict);
