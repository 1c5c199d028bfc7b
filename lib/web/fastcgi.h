/*
 * The responder's side of FastCGI 1.0 for the one program whose requests last for hours (upload).
 * libfcgi, which the other programs use, reads a body in pieces of 8 KB and waits for a silent peer
 * without end (security reference 5, D2, D6). Here every wait has a limit, and bytes go from the
 * socket to the file by way of one buffer. Only requests as nginx makes them: one at a time on a
 * connection, which ends with it.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "base/status.h"

struct arena;

enum {
	FASTCGI_HEADER_BYTES = 8,
	FASTCGI_PARAMS_MAX = 128 * 1024, /* bytes of all parameters; nginx sends less than 64 KiB */
	FASTCGI_PARTS_MAX = 64,
};

struct fastcgi {
	int fd;
	unsigned int id; /* of the request */
	char **params;	 /* "NAME=value", NULL at the end; in the arena */
	/* where the stream of records stands */
	unsigned char header[FASTCGI_HEADER_BYTES];
	size_t header_length; /* bytes of the next header that are here */
	size_t content_left, padding_left;
	bool ended; /* the empty record that ends the body has come */
	/* bytes of the body's records that came with the parameters; in the arena */
	const unsigned char *early;
	size_t early_length;
};

/*
 * Read what comes before the body of a connection that was just accepted, in at most timeout_ms.
 * fd stays the caller's. Strings live in the arena. STATUS_INVALID: not what nginx sends;
 * STATUS_RETRY: it broke off or took too long.
 */
MUST_CHECK enum status fastcgi_open(struct arena *arena, int fd, int timeout_ms,
				    struct fastcgi *ret_fastcgi);

/*
 * Wait until there are bytes of the body, or its end. STATUS_RETRY: none came in timeout_ms (-1: no
 * limit), or a signal did.
 */
MUST_CHECK enum status fastcgi_wait(const struct fastcgi *fastcgi, int timeout_ms);

/*
 * Take what has come of the body, at most size bytes with the records' headers: ret_parts are pieces
 * of buffer, in order. ret_count may be 0 though the body goes on; ended tells its end. Does not wait.
 * STATUS_RETRY: the connection broke, or was shut down for reading; STATUS_INVALID: not FastCGI.
 */
MUST_CHECK enum status fastcgi_receive(struct fastcgi *fastcgi, unsigned char *buffer, size_t size,
				       struct iovec ret_parts[static FASTCGI_PARTS_MAX],
				       size_t *ret_count);

/*
 * Send the whole answer and the end of the request. False: the peer is gone, or takes nothing for
 * timeout_ms.
 */
bool fastcgi_answer(const struct fastcgi *fastcgi, const struct iovec *parts, size_t count,
		    int timeout_ms);

/*
 * End the connection so that the peer can read the answer: a Unix socket that is closed with bytes
 * unread takes back what was sent. Where the body has not ended this waits for the peer's end of the
 * connection, for at most linger_ms.
 */
void fastcgi_close(const struct fastcgi *fastcgi, int linger_ms);
