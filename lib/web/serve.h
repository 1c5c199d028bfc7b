/*
 * What all FastCGI programs share: configuration, log, accept loop, routes, sessions, CSRF, limits,
 * mapping of statuses to answers, restart. The strict form is the default: a route needs a session,
 * and a change needs the session's CSRF token, unless the route says otherwise.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "web/request.h"
#include "web/response.h"

enum route_access {
	ROUTE_SESSION, /* signed in, and CSRF-checked where it changes something */
	ROUTE_PUBLIC, /* the session is loaded where there is one; changes are CSRF-checked all the same */
	ROUTE_OPEN, /* no session, no CSRF token: GET only, or the handler verifies a signature */
	ROUTE_OWN,  /* the handler checks the session itself (uploads: without a database) */
};

typedef enum status route_handler(struct request *req, struct response *res);

struct route {
	const char *method; /* GET serves HEAD too, unless HEAD has a route of its own */
	const char *path;   /* exact, or with one {id} segment */
	route_handler *handler;
	enum route_access access;
	size_t max_body;     /* bytes of a buffered body; 0 is 64 KiB */
	bool stream;	     /* the handler reads the body itself (request_read) */
	bool raw;	     /* the body is kept as it came, not parsed */
	bool allow_override; /* X-HTTP-Method-Override is obeyed (tus) */
	bool before_consent; /* admit is not asked: also for who has not agreed to the policy */
};

struct service {
	const char *name;
	const struct route *routes;
	size_t route_count;
	bool no_database; /* never connects */
	bool erases; /* takes sessions that only prove who somebody is, too (store/session.h) */
	/* Make what the handlers need (keys, secrets) from the configuration; may be NULL. */
	enum status (*setup)(const struct config *config, void **ret_context);
	/*
	 * Asked for each request of a signed-in user before its handler; *ret_done: it has answered. NULL: none.
	 */
	enum status (*admit)(struct request *req, struct response *res, bool *ret_done);
	/* Start further threads once the configuration stands; may be NULL. Threaded services only. */
	enum status (*start)(const struct config *config, void *context);
	/* How many threads there may be. Threaded services only. */
	int (*threads)(const struct config *config);
};

/* Serve on descriptor 0 until told to stop; the exit status of the program. */
int serve(const struct service *service);

/*
 * The same with a thread for each request, as many as service->threads allows; they share database
 * connections (web/pool.h).
 */
int serve_threads(const struct service *service);

/* True once the program was told to stop. */
bool serve_is_stopping(void);
