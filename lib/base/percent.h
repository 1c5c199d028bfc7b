/* Percent-encoding for query values and forms (RFC 3986, 2.1 and 2.3). */
#pragma once

struct buf;

/* Append text with all but unreserved characters as %XX. */
void percent_append(struct buf *out, const char *text);
