/* What a person writes about a video. */
#pragma once
#include "store/video_change.h"

struct request;

/*
 * Read name and tags, both optional, from the JSON body; blanks around them are left out.
 * STATUS_INVALID with the request's errors noted.
 */
MUST_CHECK enum status video_input_read(struct request *req, struct video_change *ret_change);
