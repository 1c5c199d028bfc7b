/*
 * Downloads from addresses that users give (B65): https by GET to public addresses and port 443 alone,
 * looked at on each hop and on the very address that is connected to, so that neither a redirect nor a
 * name server leads inside. No proxy, cookies, credentials or compression; limits on time, pace and
 * headers. Many run at once in one thread.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "remote/fetch_range.h"

struct arena;
struct fetch;
struct fetcher;

struct fetch_rules {
	const char *test_origin; /* exempt from the rules on addresses; NULL: none */
	int64_t seconds;	 /* a download may take, redirects included */
	int64_t slow_seconds;	 /* so long it may be slower than 1000 bytes a second */
};

struct fetch_request {
	const char *url;
	int64_t offset; /* continue from here; 0: from the beginning */
	const char
		*validator; /* fetch_range_validator() of the beginning; NULL only with offset 0 */
};

/* An answer with a body that can be used. Texts live until the callback returns. */
struct fetch_head {
	enum fetch_range range; /* FETCH_RANGE_ALL or _REST */
	int64_t total;		/* bytes of the whole file; -1: not told */
	const char *validator;	/* to go on later; NULL: that is not possible */
	const char *disposition, *type,
		*url; /* Content-Disposition, Content-Type (NULL: none); last hop */
};

enum fetch_end {
	FETCH_DONE,	   /* to the last byte */
	FETCH_STOPPED,	   /* a callback wanted no more */
	FETCH_ADDRESS,	   /* no https address without credentials, or another port than 443 */
	FETCH_NOT_PUBLIC,  /* the host is none of the internet's */
	FETCH_UNREACHABLE, /* no such host, no connection */
	FETCH_TLS,	   /* its certificate does not prove that it is the host */
	FETCH_REDIRECTS,   /* too many, or one that leads nowhere */
	FETCH_STATUS,	   /* an answer that is no success: see status */
	FETCH_USELESS,	   /* what was asked for cannot be continued: ask for all of it */
	FETCH_ENCODED,	   /* compressed although that was not asked for */
	FETCH_MALFORMED,   /* not HTTP, or too many headers */
	FETCH_SLOW,
	FETCH_TIMEOUT,
	FETCH_BROKEN, /* broke off */
};

struct fetch_callbacks {
	/* The first bytes are there, at least one; false: no more. */
	bool (*begin)(void *context, const struct fetch_head *head, const char *bytes, size_t size);
	/* Bytes of the body, the first ones included; false: no more. */
	bool (*take)(void *context, const char *bytes, size_t size);
	/* Once, at the end; the fetch is gone when it returns. status: of the last answer, 0: none. */
	void (*end)(void *context, enum fetch_end end, long status);
};

/* Ends the process when libcurl is unusable. rules must outlive it. */
struct fetcher *fetcher_open(const struct fetch_rules *rules);
void fetcher_close(struct fetcher *fetcher);

/* Begin; callbacks come from fetcher_run(), the end too when the address is refused at once. */
struct fetch *fetch_start(struct fetcher *fetcher, const struct fetch_request *request,
			  const struct fetch_callbacks *callbacks, void *context);

/* Give up; no callback comes any more. Not from within a callback. */
void fetch_cancel(struct fetch *fetch);

/* Let downloads move on for at most timeout_ms. */
void fetcher_run(struct fetcher *fetcher, int timeout_ms);

/* True for an address that the rules let a user give; names are resolved, and judged, later. */
bool fetch_url_is_allowed(const struct fetch_rules *rules, const char *url);
