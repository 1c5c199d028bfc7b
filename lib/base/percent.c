/* Percent-encoding. */
#include "base/percent.h"

#include <string.h>

#include "base/buf.h"

void percent_append(struct buf *out, const char *text)
{
	for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++) {
		if ((*byte >= '0' && *byte <= '9') || (*byte >= 'a' && *byte <= 'z') ||
		    (*byte >= 'A' && *byte <= 'Z') || strchr("-._~", *byte))
			buf_append(out, byte, 1);
		else
			buf_printf(out, "%%%02X", *byte);
	}
}
