/* The query of a list of videos, the same for the page and the API. */
#pragma once
#include "store/video_list.h"
#include "web/paging.h"

struct request;

/*
 * Read state, q, tag, used, duplicates, sort, cursor and limit. The filter asks for one item more than
 * the page has (paging_trim). STATUS_INVALID with the request's errors noted.
 */
MUST_CHECK enum status video_filter_read(struct request *req, struct paging *ret_paging,
					 struct video_filter *ret_filter);
