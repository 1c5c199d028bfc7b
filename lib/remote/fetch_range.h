/*
 * Going on with a download that broke off (RFC 9110, 13.1.5 and 14): what an answer to a request with
 * Range and If-Range says.
 */
#pragma once
#include <stdint.h>

#include "base/status.h"

enum fetch_range {
	FETCH_RANGE_ALL,     /* the body is the whole file, from its first byte */
	FETCH_RANGE_REST,    /* the body is what is missing */
	FETCH_RANGE_USELESS, /* neither: ask again for the whole file */
};

struct fetch_range_answer {
	long status;
	const char *content_range;	  /* header, NULL: none */
	const char *etag, *last_modified; /* likewise */
	int64_t content_length;		  /* of the body; -1: not told */
};

/*
 * The answer to a request for the bytes from offset on (0: for all of it) of the file that validator
 * names. ret_total: bytes of the whole file, -1 when they are not told. Only for 200, 206 and 416.
 */
enum fetch_range fetch_range_judge(const struct fetch_range_answer *answer, int64_t offset,
				   const char *validator, int64_t *ret_total);

/* "bytes FIRST-LAST/TOTAL"; ret_total -1 for "*". STATUS_INVALID: anything else. */
MUST_CHECK enum status fetch_range_parse(const char *text, int64_t *ret_first, int64_t *ret_last,
					 int64_t *ret_total);

/*
 * What names this very file in If-Range: a strong ETag, else its Last-Modified; NULL when there is
 * neither, and the download cannot be continued.
 */
const char *fetch_range_validator(const char *etag, const char *last_modified);
