/* One mail as text (RFC 5322), ready for `sendmail -t -i`. No value can add a header or a recipient. */
#pragma once
#include <stdbool.h>

struct arena;

struct mail {
	const char *from_name;	/* any UTF-8 */
	const char *from, *to;	/* addresses, checked by mail_address_is_valid() */
	const char *reply_to;	/* likewise; NULL: none */
	const char *subject;	/* any UTF-8 */
	const char *message_id; /* without < >; letters, digits and .-_@ */
	const char *body;	/* any UTF-8, lines ended by line feeds */
};

/*
 * True for name@host of at most 254 ASCII characters that need no quoting in a header: letters, digits and
 * !#$%&'*+/=?^_`{|}~.- before the at sign, letters, digits, dots and hyphens after it.
 */
bool mail_address_is_valid(const char *address);

/* The whole mail, lines ended by line feeds, all of it ASCII; in the arena. */
const char *mail_text(struct arena *arena, const struct mail *mail);
