/* The answer: status, headers, body; sent by web/serve.c after the handler has returned. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/status.h"

struct json_object;
struct request;

struct response {
	int status; /* 0 until set */
	struct buf headers;
	struct buf body;
	bool broken; /* a header was refused: answer 500 instead */
};

/*
 * Add a header. A name or value with a control character breaks the response (D18): the client then
 * gets a plain 500. Content-Length is added by serve.
 */
void response_header(struct response *res, const char *name, const char *value);

/* Set-Cookie with Secure, HttpOnly, Path=/ and SameSite. max_age in seconds; 0 deletes the cookie. */
void response_cookie(struct response *res, const char *name, const char *value, int64_t max_age,
		     const char *same_site);

/* A JSON answer with Cache-Control: no-store. Does not take over object. */
enum status response_json(struct response *res, int status, struct json_object *object);

/* An answer without a body. */
enum status response_empty(struct response *res, int status);

/* 303 to an own path. */
enum status response_redirect(struct response *res, const char *location);

/*
 * An RFC 9457 problem document; errors of the request are listed. code is the machine's word, detail
 * the human's. Always returns STATUS_OK, so that a handler can end with it.
 */
enum status response_problem(struct request *req, struct response *res, int status,
			     const char *code, const char *detail);

/* The same with one more member of its own; takes over value. */
enum status response_problem_with(struct request *req, struct response *res, int status,
				  const char *code, const char *detail, const char *name,
				  struct json_object *value);

/*
 * A page: head.html, template, foot.html rendered with view, to which the frame's members are added
 * (app_name, title, signed_in, csrf_token, static_version, support_email, operator_name, demo,
 * and where view does not have them, lang: "en", outage: null).
 */
enum status response_page(struct request *req, struct response *res, int status, const char *title,
			  const char *template, struct json_object *view);

/* A page that says what happened and what to do; or, for API routes, the same as a problem document. */
enum status response_error(struct request *req, struct response *res, int status, const char *code,
			   const char *title, const char *message);

/* A file that nginx delivers, ranges and all. */
struct response_file {
	const char *address; /* an internal location of nginx and a checked name in it */
	const char *content_type, *disposition, *cache_control;
};
enum status response_file(struct response *res, const struct response_file *file);

/* Cookies of the site. */
#define COOKIE_SESSION "__Host-spg"
#define COOKIE_FORM    "__Host-spg-form"
