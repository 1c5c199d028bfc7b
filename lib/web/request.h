/* One request, as the handlers see it. Everything in it dies with the request. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/status.h"
#include "web/form.h"

struct arena;
struct config;
struct db;
struct json_object;
struct response;

enum { REQUEST_ERRORS_MAX = 16 };

struct request_error {
	const char *field, *code, *message;
};

struct request {
	struct arena *arena;
	const struct config *config;
	void *context; /* what the program's setup made */

	const char *method; /* after X-HTTP-Method-Override where the route allows it */
	const char *path;   /* normalised by nginx (DOCUMENT_URI) */
	const char *id;	    /* the {id} segment, NULL when the route has none */
	const char *
		pattern; /* of the route, "-" without one: for logs, since an id may act as a key */
	const char *address; /* the client's, as nginx saw it */
	bool is_api;	     /* answers are JSON and problem documents, not pages */

	struct form query;
	struct form form;	  /* of a form body, else empty */
	struct json_object *json; /* of a JSON body, else NULL; an object */
	const char *body;	  /* raw, for routes that verify it */
	size_t body_length;
	int64_t content_length; /* -1: not told */

	const char
		*session_id; /* the cookie's word, well formed but unchecked; secret; NULL: none */
	int64_t user_id;     /* 0: not signed in */
	bool only_erases;    /* the session only proves who somebody is, in order to erase */
	const char *
		csrf_token; /* of the session or of the anonymous form cookie; NULL on open routes */
	const char *new_form_cookie; /* to be set with the answer, when it is a page; else NULL */

	struct request_error errors[REQUEST_ERRORS_MAX];
	size_t error_count;

	struct request_connection *connection; /* web/serve.c's own */
};

/* A request header or FastCGI parameter ("HTTP_TUS_RESUMABLE"), NULL when absent; copied. */
const char *request_param(struct request *req, const char *name);

/* How often a parameter was sent: a repeated header arrives twice (D20). */
int request_param_count(struct request *req, const char *name);

/* The {id} as a number: STATUS_NOT_FOUND when it is none. */
MUST_CHECK enum status request_id(const struct request *req, int64_t *ret_id);

/*
 * The request's database connection, the same until it ends. STATUS_RETRY while the database is
 * away.
 */
MUST_CHECK enum status request_db(struct request *req, struct db **ret_db);

/* Give the connection back early, before a long wait for something else. */
void request_db_release(struct request *req);

/*
 * Note what is wrong with a field of the input; then return STATUS_INVALID from the handler, which
 * answers 422 with all of them. field "" is the request as a whole. Strings are kept, not copied.
 */
void request_error(struct request *req, const char *field, const char *code, const char *message);

/*
 * Read at most size bytes of the body, in a program with one thread; waits until they are there.
 * ret_length 0 is the end. STATUS_RETRY when the connection broke: bytes read before are good.
 * ret_length is set in either case.
 */
MUST_CHECK enum status request_read(struct request *req, void *bytes, size_t size,
				    size_t *ret_length);

enum { REQUEST_PARTS_MAX = 64 }; /* FASTCGI_PARTS_MAX */

/* What has come of a streamed body: pieces of a buffer that is lent until released. */
struct request_bytes {
	struct iovec parts[REQUEST_PARTS_MAX];
	size_t count;
	size_t length; /* of all pieces */
	unsigned char *buffer;
};

/*
 * For routes that stream, in a program with many threads: wait at most timeout_ms for more of the
 * body and take what has come. length 0 is the end. STATUS_RETRY, without bytes: the connection
 * broke, nothing came in time, or the program is told to stop.
 * Release the bytes soon: other threads wait for the buffer.
 */
MUST_CHECK enum status request_receive(struct request *req, int timeout_ms,
				       struct request_bytes *ret_bytes);
void request_bytes_release(struct request_bytes *bytes);

/* Forget all but the first length bytes; length is not more than there are. */
void request_bytes_shorten(struct request_bytes *bytes, size_t length);

/* The connection's descriptor, for a thread that must wake a reader by shutdown(fd, SHUT_RD). */
int request_descriptor(const struct request *req);

/* The value of a cookie, NULL when absent or doubled. */
const char *request_cookie(struct request *req, const char *name);
