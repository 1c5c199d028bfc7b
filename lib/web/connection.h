/* What stands behind a request: the FastCGI record stream and the worker. Only web/ includes this. */
#pragma once
#include <stdbool.h>
#include <fcgiapp.h>

#include "web/serve.h"

struct request_connection {
	FCGX_Request *fcgi;
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
	bool is_thread;
};
