/* The query of a list of posts, the same for the page and the API. */
#pragma once
#include "store/post_list.h"
#include "web/paging.h"

struct request;

/*
 * Read state (several with commas), account, video, from, to, cursor and limit. The filter asks for one
 * item more than the page has (paging_trim). STATUS_INVALID with the request's errors noted.
 */
MUST_CHECK enum status post_filter_read(struct request *req, struct paging *ret_paging,
					struct post_filter *ret_filter);
