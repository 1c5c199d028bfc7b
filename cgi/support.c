/*
 * /support: the contact form, and for whoever is signed in their threads; /support/{word}: one thread, for whoever
 * holds its address; /support/{number}: the same for its user. What is written is stored (store/support.h); the
 * operator answers with spgctl.
 */
#include "support/support.h"

#include "web/serve.h"

/* 20,000 bytes of any script, percent-encoded, and the other fields. */
enum { FORM_BYTES = 128 * 1024 };

static const struct route routes[] = {
	{ "GET", "/support", page_form, ROUTE_PUBLIC },
	{ "POST", "/support", page_send, ROUTE_PUBLIC, .max_body = FORM_BYTES },
	{ "GET", "/support/{id}", page_thread, ROUTE_PUBLIC },
	{ "POST", "/support/{id}", page_reply, ROUTE_PUBLIC, .max_body = FORM_BYTES },
	{ "GET", "/api/v1/support", api_threads, ROUTE_SESSION },
	{ "POST", "/api/v1/support", api_send, ROUTE_SESSION, .max_body = FORM_BYTES },
	{ "GET", "/api/v1/support/{id}", api_thread, ROUTE_SESSION },
	{ "POST", "/api/v1/support/{id}", api_reply, ROUTE_SESSION, .max_body = FORM_BYTES },
};

int main(void)
{
	return serve(&(struct service){
		.name = "support", .routes = routes, .route_count = ARRAY_SIZE(routes) });
}
