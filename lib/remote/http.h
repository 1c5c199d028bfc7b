/*
 * HTTP over libcurl: the only place that knows it. Limits are not optional: time, answer size, https
 * (http to loopback alone), no redirects, no proxy from the environment, no verbose log (B66).
 * Many requests run at once in one thread; each reports once by its callback.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/status.h"

struct arena;
struct http;

struct http_request {
	const char *method; /* "GET", "POST" or "PUT" */
	const char *url;
	struct secret bearer;	  /* sent as Authorization; empty: none */
	const char *content_type; /* NULL where there is no body */
	const char *body;	  /* in memory ... */
	size_t body_length;
	int body_fd; /* ... or, with body_from_file, a range of this file, never held in memory */
	bool body_from_file;
	int64_t body_offset, body_size;
	const char *content_range; /* "bytes 0-9/10" or NULL */
	/*
	 * Use a connection of its own: libcurl may otherwise send the request again by itself when a
	 * kept connection dies before any answer, and what was sent must be known (design 5).
	 */
	bool fresh_connection;
	int timeout_seconds; /* for all of it; 0: only the stall limit (30 s without 1 byte/s) */
	size_t max_answer;   /* bytes; 0: 64 KiB */
};

struct http_answer {
	long status; /* HTTP status; 0 when no answer came */
	const char *body;
	size_t length;
	const char *content_range; /* header of the answer, NULL when absent */
	const char *log_id;	   /* x-tt-logid, NULL when absent */
	bool maybe_sent;     /* without an answer: the request may have reached the other side */
	int64_t bytes_sent;  /* of the body */
	const char *problem; /* without an answer: what failed, in words; never an address */
};

/*
 * Called once per request. STATUS_OK: an HTTP answer of any status. STATUS_RETRY: none came.
 * The answer lives in the arena given to http_start.
 */
typedef void http_done(void *context, enum status st, const struct http_answer *answer);

/*
 * Ends the process when libcurl is unusable. max_connections bounds those kept open. upload_buffer:
 * bytes that each upload holds in memory, 16 KiB to 2 MiB; more costs less processor time.
 */
struct http *http_open(int max_connections, int upload_buffer);
void http_close(struct http *http);

/* Send without waiting. The request's strings must live until done; the file stays the caller's. */
struct http_transfer *http_start(struct http *http, struct arena *arena,
				 const struct http_request *request, http_done *done,
				 void *context);

/* Give up a transfer; its callback is not called. */
void http_cancel(struct http_transfer *transfer);

/* Let transfers move on for at most timeout_ms; callbacks run in here. Returns early when one ends. */
void http_run(struct http *http, int timeout_ms);

/* http_start and http_run until the answer is there, for programs with one request at a time. */
MUST_CHECK enum status http_send(struct http *http, struct arena *arena,
				 const struct http_request *request,
				 struct http_answer *ret_answer);

/* Scheme and host of url in the arena, lower case; STATUS_INVALID when it is no http(s) address. */
MUST_CHECK enum status http_url_split(struct arena *arena, const char *url, const char **ret_scheme,
				      const char **ret_host);
