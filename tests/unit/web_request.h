/* A request as the FastCGI library would hand it over, made of its parameters alone. */
#pragma once
#include "base/config.h"
#include "web/connection.h"
#include "web/request.h"
#include "web/response.h"

struct web_request {
	struct arena arena;
	struct request_connection connection;
	struct request request;
	struct response response;
};

static const struct config web_config = {
	.public_url = "https://post.example.org",
	.app_name = "<App> & \"Co\"",
	.operator_name = "O'Operator",
	.support_email = "help@example.org",
};

/* parameters: "NAME=value", NULL at the end. */
static void web_request_open(struct web_request *web, const char *const *parameters)
{
	*web = (struct web_request){
		.response = { .headers = BUF_INIT(16 * 1024), .body = BUF_INIT(1 << 20) },
	};
	web->connection = (struct request_connection){
		.params = (char **)(uintptr_t)parameters,
	};
	web->request = (struct request){ .arena = &web->arena,
					 .config = &web_config,
					 .method = "POST",
					 .path = "/posts",
					 .pattern = "/posts",
					 .connection = &web->connection };
}

static void web_request_cleanup(struct web_request *web)
{
	buf_release(&web->response.headers);
	buf_release(&web->response.body);
	arena_reset(&web->arena);
}

/* struct web_request NAME of the parameters that follow. */
#define WEB_REQUEST(name, ...)                                                                     \
	CLEANUP(web_request) struct web_request name;                                              \
	web_request_open(&name, (const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })
