/* What happens around a handler; the accept loop of a program with one thread. */
#include "web/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/number.h"
#include "base/process.h"
#include "base/token.h"
#include "base/utf8.h"
#include "store/db.h"
#include "store/session.h"
#include "web/connection.h"
#include "web/csrf.h"
#include "web/pool.h"
#include "web/route.h"

enum {
	BODY_DEFAULT_BYTES = 64 * 1024,
	RESPONSE_MAX_BYTES = 8 * 1024 * 1024,
	HEADERS_MAX_BYTES = 16 * 1024,
	JSON_DEPTH = 32,
	REQUESTS_BEFORE_RESTART = 10000, /* of a prefork process: bounds any slow leak (D12) */
	SOCKET_TIMEOUT_SECONDS = 65,
};

/* Read by all threads, set by a signal handler: lock-free. */
static atomic_bool stopping;

bool serve_is_stopping(void)
{
	return stopping;
}

void serve_stop(void)
{
	stopping = true;
}

static void on_stop(int signal_number)
{
	(void)signal_number;
	serve_stop();
}

static void on_wake(int signal_number)
{
	(void)signal_number;
}

static enum status body_read(struct request *req, const struct route *route)
{
	struct request_connection *connection = req->connection;
	const char *length_text = request_param(req, "CONTENT_LENGTH");
	size_t limit = route->max_body ? route->max_body : BODY_DEFAULT_BYTES;
	req->content_length = -1;
	if (length_text && *length_text &&
	    number_parse(length_text, 0, INT64_MAX, &req->content_length) != STATUS_OK)
		return STATUS_INVALID;
	connection->body_left = req->content_length;
	/* Where there are many threads, only routes that stream want a body. */
	if (route->stream || connection->stream)
		return STATUS_OK;
	/* nginx buffers these bodies and then always knows the length. */
	if (req->content_length <= 0)
		return STATUS_OK;
	if ((uint64_t)req->content_length > limit)
		return STATUS_REFUSED;
	size_t length = (size_t)req->content_length, done = 0;
	char *body = arena_alloc(req->arena, length + 1);
	while (done < length) {
		size_t got;
		if (request_read(req, body + done, length - done, &got) != STATUS_OK || got == 0)
			return STATUS_INVALID;
		done += got;
	}
	req->body = body;
	req->body_length = length;
	return STATUS_OK;
}

static bool type_is(const char *type, const char *wanted)
{
	size_t length = strlen(wanted);
	return type && strncasecmp(type, wanted, length) == 0 &&
	       (type[length] == '\0' || type[length] == ';' || type[length] == ' ');
}

/* 0, or the HTTP status of the refusal. */
static int body_parse(struct request *req, const struct route *route)
{
	if (route->raw || route->stream || req->body_length == 0)
		return 0;
	const char *type = request_param(req, "CONTENT_TYPE");
	if (type_is(type, "application/json")) {
		if (json_parse(req->body, req->body_length, JSON_DEPTH, &req->json) != STATUS_OK ||
		    !json_object_is_type(req->json, json_type_object))
			return 400;
		return 0;
	}
	if (type_is(type, "application/x-www-form-urlencoded"))
		return form_parse(req->arena, req->body, req->body_length, &req->form) == STATUS_OK
			       ? 0
			       : 400;
	return 415;
}

static bool changes_something(const char *method)
{
	return strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 &&
	       strcmp(method, "OPTIONS") != 0;
}

static enum status session_load(struct request *req)
{
	struct db *db;
	if (!req->session_id)
		return STATUS_OK;
	enum status st = request_db(req, &db);
	if (st != STATUS_OK)
		return st;
	if (req->connection->worker->service->erases)
		st = session_find_to_erase(db, req->arena, req->config, req->session_id,
					   &req->user_id, &req->only_erases);
	else
		st = session_find(db, req->arena, req->config, req->session_id, &req->user_id);
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

/* The one place where a status becomes an HTTP answer. */
static enum status answer_status(struct request *req, struct response *res, enum status st)
{
	switch (st) {
	case STATUS_OK:
		return STATUS_OK;
	case STATUS_INVALID:
		return response_error(req, res, req->error_count ? 422 : 400, "invalid_request",
				      "Something is not right",
				      req->error_count ? req->errors[0].message
						       : "The request could not be understood.");
	case STATUS_DENIED:
		return response_error(req, res, 403, "forbidden", "Not allowed",
				      "Your session does not allow this. Reload the page and try "
				      "again.");
	case STATUS_NOT_FOUND:
		return response_error(req, res, 404, "not_found", "Not found",
				      "There is nothing at this address, or it is not yours.");
	case STATUS_CONFLICT:
		return response_error(req, res, 409, "conflict", "It has changed meanwhile",
				      "Somebody or something changed this at the same time. Reload "
				      "and look again.");
	case STATUS_RETRY:
		response_header(res, "Retry-After", "5");
		return response_error(req, res, 503, "temporarily_unavailable", "One moment",
				      "This does not work right now. Please try again in a few "
				      "seconds; nothing was changed.");
	case STATUS_REFUSED:
	case STATUS_BROKEN:
		break;
	}
	return response_error(req, res, 500, "internal_error", "This is our fault",
			      "Something went wrong on this server. It has been noted.");
}

static enum status access_check(struct request *req, struct response *res,
				const struct route *route, bool *ret_done)
{
	*ret_done = false;
	if (route->access == ROUTE_OPEN || route->access == ROUTE_OWN)
		return STATUS_OK;
	csrf_load(req);
	enum status st = session_load(req);
	if (st != STATUS_OK)
		return st;
	if (route->access == ROUTE_SESSION && req->user_id == 0) {
		*ret_done = true;
		if (req->is_api)
			return response_problem(req, res, 401, "not_signed_in",
						"Sign in by connecting a TikTok account.");
		return response_error(
			req, res, 401, "not_signed_in", "Please sign in",
			"This page is for signed-in users. Sign in by connecting your "
			"TikTok account from the start page.");
	}
	return changes_something(req->method) ? csrf_check(req) : STATUS_OK;
}

static enum status admission_check(struct request *req, struct response *res,
				   const struct route *route, bool *ret_done)
{
	const struct service *service = req->connection->worker->service;
	*ret_done = false;
	if (!service->admit || req->user_id == 0 || route->before_consent)
		return STATUS_OK;
	return service->admit(req, res, ret_done);
}

static enum status dispatch(struct request *req, struct response *res, const struct route *route)
{
	enum status st = body_read(req, route);
	if (st == STATUS_REFUSED)
		return response_error(req, res, 413, "too_large", "Too large",
				      "The request is larger than this address takes.");
	if (st != STATUS_OK)
		return st;
	const char *query = request_param(req, "QUERY_STRING");
	if (query && form_parse(req->arena, query, strlen(query), &req->query) != STATUS_OK)
		return STATUS_INVALID;
	int refused = body_parse(req, route);
	if (refused == 415)
		return response_error(req, res, 415, "unsupported_media_type",
				      "Wrong kind of content", "Send application/json or a form.");
	if (refused)
		return response_error(req, res, refused, "malformed_body", "Not understood",
				      "The body of the request is malformed.");
	bool done;
	st = access_check(req, res, route, &done);
	if (st == STATUS_OK && !done)
		st = admission_check(req, res, route, &done);
	if (st != STATUS_OK || done)
		return st;
	return route->handler(req, res);
}

/* The client may be gone; whatever was to be kept is committed by now (D10, D26). */
static bool send_parts(const struct request_connection *connection, const struct iovec *parts,
		       size_t count)
{
	if (connection->stream)
		return fastcgi_answer(connection->stream, parts, count,
				      SOCKET_TIMEOUT_SECONDS * 1000);
	FCGX_Stream *out = connection->fcgi->out;
	for (size_t i = 0; i < count; i++)
		FCGX_PutStr(parts[i].iov_base, (int)parts[i].iov_len, out);
	return FCGX_FFlush(out) == 0;
}

static void send_response(struct request *req, struct response *res)
{
	if (res->broken || !buf_ok(&res->headers) || !buf_ok(&res->body) || res->status == 0) {
		log_error("response_broken path=%s", req->pattern);
		static char plain[] = "Status: 500 Internal Server Error\r\n"
				      "Content-Type: text/plain; charset=utf-8\r\n"
				      "Content-Length: 27\r\n\r\nSomething went wrong here.\n";
		send_parts(req->connection, &(struct iovec){ plain, strlen(plain) }, 1);
		return;
	}
	CLEANUP(buf) struct buf head = BUF_INIT(HEADERS_MAX_BYTES * 2);
	buf_printf(&head, "Status: %d%s\r\n%s", res->status,
		   res->status == 460 ? " Checksum Mismatch" : "", buf_text(&res->headers));
	if (res->status != 204 && strcmp(req->method, "HEAD") != 0)
		buf_printf(&head, "Content-Length: %zu\r\n", res->body.length);
	buf_puts(&head, "\r\n");
	const struct iovec parts[] = {
		{ (void *)(uintptr_t)buf_text(&head), head.length },
		{ (void *)(uintptr_t)buf_text(&res->body), res->body.length },
	};
	bool with_body = strcmp(req->method, "HEAD") != 0 && res->body.length > 0;
	if (!send_parts(req->connection, parts, with_body ? 2 : 1))
		log_info("client_gone path=%s", req->pattern);
}

/* The override replaces the real method, whatever that is (tus 1.0); an unknown one has no route. */
static void override_method(struct request *req)
{
	const char *method = request_param(req, "HTTP_X_HTTP_METHOD_OVERRIDE");
	static const char *const allowed[] = { "PATCH", "DELETE", "HEAD", "POST" };
	if (!method)
		return;
	req->method = "";
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++) {
		if (strcmp(method, allowed[i]) == 0)
			req->method = allowed[i];
	}
}

static void handle(struct request *req, struct response *res)
{
	const struct service *service = req->connection->worker->service;
	struct route_match match = route_find(req->arena, service, req->method, req->path);
	if (match.allow_override) {
		override_method(req);
		match = route_find(req->arena, service, req->method, req->path);
	}
	enum status st;
	if (!match.path_known) {
		st = STATUS_NOT_FOUND;
	} else if (!match.route) {
		response_header(res, "Allow", match.allow);
		st = response_error(req, res, 405, "method_not_allowed", "Not possible",
				    "This address does not take that kind of request.");
	} else {
		req->id = match.id;
		req->pattern = match.route->path;
		st = dispatch(req, res, match.route);
	}
	st = answer_status(req, res, st);
	if (st != STATUS_OK)
		log_error("answer_failed path=%s status=%s", req->pattern, status_name(st));
	if (req->new_form_cookie && !req->is_api && res->status == 200)
		response_cookie(res, COOKIE_FORM, req->new_form_cookie, 86400, "Strict");
}

/* False when the parameters were cut off: nothing may be done for such a request (D5). */
static bool params_complete(struct request *req)
{
	const FCGX_Request *fcgi = req->connection->fcgi;
	const char *end = FCGX_GetParam("SPG_END", req->connection->params);
	return (!fcgi || FCGX_GetError(fcgi->in) == 0) && end && strcmp(end, "1") == 0 &&
	       req->method && req->path && req->address;
}

static void set_timeouts(int fd)
{
	struct timeval limit = { .tv_sec = SOCKET_TIMEOUT_SECONDS };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

void serve_request(struct request_connection *connection, struct arena *arena)
{
	const struct worker *worker = connection->worker;
	struct request req = { .arena = arena,
			       .config = worker->config,
			       .context = worker->context,
			       .pattern = "-",
			       .content_length = -1,
			       .connection = connection };
	struct response res = { .headers = BUF_INIT(HEADERS_MAX_BYTES),
				.body = BUF_INIT(RESPONSE_MAX_BYTES) };
	req.method = request_param(&req, "REQUEST_METHOD");
	req.path = request_param(&req, "DOCUMENT_URI");
	req.address = request_param(&req, "REMOTE_ADDR");
	if (params_complete(&req)) {
		log_set_request(request_param(&req, "SPG_REQUEST_ID"));
		req.is_api = strncmp(req.path, "/api/", 5) == 0 ||
			     strncmp(req.path, "/uploads", 8) == 0 ||
			     strncmp(req.path, "/hooks/", 7) == 0 ||
			     strncmp(req.path, "/pull/", 6) == 0;
		handle(&req, &res);
		send_response(&req, &res);
	} else {
		log_warn("params_incomplete");
	}
	request_db_release(&req);
	json_object_put(req.json);
	buf_release(&res.headers);
	buf_release(&res.body);
	log_set_request(NULL);
}

static void serve_one(struct worker *worker, FCGX_Request *fcgi)
{
	struct arena arena = { 0 };
	struct request_connection connection = {
		.params = fcgi->envp, .fcgi = fcgi, .worker = worker, .body_left = -1
	};
	set_timeouts(fcgi->ipcFd);
	serve_request(&connection, &arena);
	FCGX_Finish_r(fcgi);
	arena_reset(&arena);
}

/*
 * libfcgi drops a connection, or spins for ever, when a signal comes while it accepts one, and takes
 * parameters that a signal cut off for whole ones (D5, D11). So signals get through only while the
 * program waits.
 */
static void signals_block(void)
{
	sigset_t ours;
	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGUSR1);
	sigaddset(&ours, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &ours, NULL);
}

/* A set that wakes one worker for each connection, not all that wait. */
static int listener_watch(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int watch = epoll_create1(EPOLL_CLOEXEC);
	if (watch < 0 || epoll_ctl(watch, EPOLL_CTL_ADD, 0, &event) != 0)
		log_die("listener_unusable error=%s", strerror(errno));
	return watch;
}

static void worker_run(struct worker *worker, int limit)
{
	CLEANUP(fd_close) int watch = listener_watch();
	sigset_t usual;
	FCGX_Request fcgi;
	if (FCGX_InitRequest(&fcgi, 0, FCGI_FAIL_ACCEPT_ON_INTR) != 0)
		log_die("fastcgi_request_unusable");
	pthread_sigmask(SIG_SETMASK, NULL, &usual);
	signals_block();
	for (int served = 0; !stopping && served < limit;) {
		struct epoll_event event;
		/* Who was woken for a connection takes it, told to stop or not: nobody else was. */
		if (epoll_pwait(watch, &event, 1, -1, &usual) <= 0)
			continue;
		int result = FCGX_Accept_r(&fcgi);
		if (result == -EAGAIN)
			continue;
		if (result < 0) {
			log_error("accept_failed error=%s", strerror(-result));
			break;
		}
		serve_one(worker, &fcgi);
		served++;
	}
	FCGX_Free(&fcgi, 1);
	pthread_sigmask(SIG_SETMASK, &usual, NULL);
}

static void install_signals(void)
{
	/* Ours before FCGX_Init: libfcgi then leaves them alone (D11). */
	struct sigaction stop = { .sa_handler = on_stop }, ignore = { .sa_handler = SIG_IGN },
			 wake = { .sa_handler = on_wake };
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGUSR1, &stop, NULL);
	sigaction(SIGUSR2, &wake, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

enum status serve_prepare(const struct service *service, struct config *config, void **ret_context)
{
	log_open(service->name);
	token_init();
	/* No core file may hold what a request knew (B76). */
	process_hide();
	enum status st = config_load(config_path(), config);
	if (st == STATUS_OK && service->setup)
		st = service->setup(config, ret_context);
	if (st != STATUS_OK)
		return st;
	install_signals();
	/* Another process may be faster: accepting then says so instead of waiting. */
	int flags = fcntl(0, F_GETFL);
	if (flags < 0 || fcntl(0, F_SETFL, flags | O_NONBLOCK) != 0)
		log_die("listener_unusable error=%s", strerror(errno));
	return STATUS_OK;
}

/* The supervisor starts it anew at once, however often: a fault that stays must not fill the log. */
int serve_start_failed(void)
{
	sleep(1);
	return 1;
}

int serve(const struct service *service)
{
	static struct config config; /* as long as the process, like its strings */
	static void *context;
	if (serve_prepare(service, &config, &context) != STATUS_OK)
		return serve_start_failed();
	setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "200", 1);
	if (FCGX_Init() != 0)
		log_die("fastcgi_unusable");
	struct worker worker = { .service = service, .config = &config, .context = context };
	/* Restarts of one pool should not fall together. */
	worker_run(&worker, REQUESTS_BEFORE_RESTART + (int)getpid() % 1000);
	pool_close();
	return 0;
}
