/* What stands behind a request: its FastCGI connection and the worker. Only web/ includes this. */
#pragma once
#include <stdbool.h>
#include <fcgiapp.h>

#include "web/fastcgi.h"
#include "web/serve.h"

struct request_connection {
	char **params;		/* "NAME=value", NULL at the end */
	FCGX_Request *fcgi;	/* of a program with one thread, else NULL */
	struct fastcgi *stream; /* of one with many, else NULL */
	struct worker *worker;
	int64_t body_left; /* of a streamed body with known length; -1: unknown */
	bool cut;	   /* the stream ended before its time */
};

/* One thread of a program (or its only one). */
struct worker {
	const struct service *service;
	const struct config *config;
	void *context;
	struct db *db; /* NULL until the request asks for it */
};

/* Make ready to serve: log, configuration, signals. STATUS_BROKEN (logged): the program must end. */
MUST_CHECK enum status serve_prepare(const struct service *service, struct config *config,
				     void **ret_context);

/* The exit status after a start that failed, a moment later: the supervisor starts it anew at once. */
int serve_start_failed(void);

/* The program was told to stop. */
void serve_stop(void);

/* Serve one request; arena holds what belongs to it. */
void serve_request(struct request_connection *connection, struct arena *arena);
