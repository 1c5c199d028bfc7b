/* Building answers. */
#include "web/response.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "base/log.h"
#include "static_version.h"
#include "templates.h"
#include "web/html.h"
#include "web/request.h"

static bool has_control(const char *text)
{
	for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++) {
		if (*byte < 0x20 || *byte == 0x7f)
			return true;
	}
	return false;
}

void response_header(struct response *res, const char *name, const char *value)
{
	if (has_control(name) || has_control(value)) {
		log_warn("header_refused name=%s", name);
		res->broken = true;
		return;
	}
	buf_printf(&res->headers, "%s: %s\r\n", name, value);
}

void response_cookie(struct response *res, const char *name, const char *value, int64_t max_age,
		     const char *same_site)
{
	CLEANUP(buf) struct buf cookie = BUF_INIT(1024);
	buf_printf(&cookie, "%s=%s; Path=/; Secure; HttpOnly; SameSite=%s; Max-Age=%" PRId64, name,
		   value, same_site, max_age);
	if (!buf_ok(&cookie)) {
		log_warn("cookie_too_long name=%s", name);
		res->broken = true;
		return;
	}
	response_header(res, "Set-Cookie", buf_text(&cookie));
}

static enum status json_body(struct response *res, int status, struct json_object *object,
			     const char *content_type)
{
	res->status = status;
	response_header(res, "Content-Type", content_type);
	response_header(res, "Cache-Control", "no-store");
	buf_clear(&res->body);
	buf_puts(&res->body,
		 json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
								JSON_C_TO_STRING_NOSLASHESCAPE));
	return STATUS_OK;
}

enum status response_json(struct response *res, int status, struct json_object *object)
{
	return json_body(res, status, object, "application/json; charset=utf-8");
}

enum status response_empty(struct response *res, int status)
{
	res->status = status;
	response_header(res, "Cache-Control", "no-store");
	return STATUS_OK;
}

enum status response_redirect(struct response *res, const char *location)
{
	res->status = 303;
	response_header(res, "Location", location);
	response_header(res, "Cache-Control", "no-store");
	return STATUS_OK;
}

enum status response_problem(struct request *req, struct response *res, int status,
			     const char *code, const char *detail)
{
	return response_problem_with(req, res, status, code, detail, NULL, NULL);
}

enum status response_problem_with(struct request *req, struct response *res, int status,
				  const char *code, const char *detail, const char *name,
				  struct json_object *value)
{
	CLEANUP(json_object_put) struct json_object *problem = json_object_new_object();
	json_add_string(problem, "type", "about:blank");
	json_add_string(problem, "title", code);
	json_add_int(problem, "status", status);
	json_add_string(problem, "code", code);
	json_add_string(problem, "detail", detail);
	struct json_object *errors = json_object_new_array();
	for (size_t i = 0; i < req->error_count; i++) {
		struct json_object *error = json_object_new_object();
		json_add_string(error, "field", req->errors[i].field);
		json_add_string(error, "code", req->errors[i].code);
		json_add_string(error, "message", req->errors[i].message);
		json_array_push(errors, error);
	}
	json_add(problem, "errors", errors);
	if (name)
		json_add(problem, name, value);
	return json_body(res, status, problem, "application/problem+json; charset=utf-8");
}

enum status response_page(struct request *req, struct response *res, int status, const char *title,
			  const char *template, struct json_object *view)
{
	json_add_string(view, "title", title);
	json_add_string(view, "app_name", req->config->app_name);
	json_add_string(view, "operator_name", req->config->operator_name);
	json_add_string(view, "support_email", req->config->support_email);
	json_add_string(view, "static_version", STATIC_VERSION);
	json_add_string(view, "csrf_token", req->csrf_token ? req->csrf_token : "");
	json_add_bool(view, "signed_in", req->user_id != 0 && !req->only_erases);
	json_add_bool(view, "demo", req->config->live_demo);
	if (!json_object_object_get_ex(view, "erasure", NULL))
		json_add(view, "erasure", NULL);
	if (!json_object_object_get_ex(view, "lang", NULL))
		json_add_string(view, "lang", "en");
	if (!json_object_object_get_ex(view, "outage", NULL))
		json_add(view, "outage", NULL);
	buf_clear(&res->body);
	enum status st = html_render(head_html, view, &res->body);
	if (st == STATUS_OK)
		st = html_render(template, view, &res->body);
	if (st == STATUS_OK)
		st = html_render(foot_html, view, &res->body);
	if (st != STATUS_OK)
		return st;
	res->status = status;
	response_header(res, "Content-Type", "text/html; charset=utf-8");
	response_header(res, "Cache-Control", "no-store");
	return STATUS_OK;
}

enum status response_error(struct request *req, struct response *res, int status, const char *code,
			   const char *title, const char *message)
{
	if (req->is_api)
		return response_problem(req, res, status, code, message);
	CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
	json_add_string(view, "heading", title);
	json_add_string(view, "message", message);
	json_add_string(view, "request_id", request_param(req, "SPG_REQUEST_ID"));
	return response_page(req, res, status, title, error_html, view);
}

enum status response_file(struct response *res, const struct response_file *file)
{
	res->status = 200;
	response_header(res, "Content-Type", file->content_type);
	response_header(res, "Content-Disposition", file->disposition);
	response_header(res, "Cache-Control", file->cache_control);
	response_header(res, "X-Accel-Redirect", file->address);
	return STATUS_OK;
}
