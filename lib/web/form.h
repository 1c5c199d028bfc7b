/*
 * name=value pairs: query strings, form bodies, cookies. A key given twice is refused (B108).
 */
#pragma once
#include <stddef.h>

#include "base/status.h"

struct arena;

struct form_field {
	const char *name, *value; /* decoded, valid UTF-8, no NUL */
};

struct form {
	struct form_field *fields;
	size_t count;
};

/*
 * Parse application/x-www-form-urlencoded text (RFC 1866 8.2.1; at most 64 fields) into the arena.
 * STATUS_INVALID for a bad escape, bad UTF-8, a NUL, a key given twice or too many fields.
 */
MUST_CHECK enum status form_parse(struct arena *arena, const char *text, size_t length,
				  struct form *ret_form);

/* The value of a field, NULL when it was not sent. */
const char *form_get(const struct form *form, const char *name);

/* The value of one cookie out of a Cookie header (RFC 6265 4.2.1), NULL when absent or given twice. */
const char *form_cookie(struct arena *arena, const char *header, const char *name);

/* text percent-encoded for a query value (RFC 3986 2.3: all but unreserved characters). */
const char *form_encode(struct arena *arena, const char *text);
