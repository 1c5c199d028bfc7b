/* How long a video is and how its frames follow each other. */
#pragma once
#include "base/status.h"

struct sniff;
struct source;
struct video;
struct video_verdict;

/*
 * Find duration_ms, fps_milli and fps_variable of the video stream, from the index where the
 * container has one, else from its packets. STATUS_INVALID with the reason when the index leads out
 * of the file or the search was too long.
 */
MUST_CHECK enum status timing_find(struct source *source, const struct sniff *sniff,
				   struct video *video, struct video_verdict *ret_verdict);
