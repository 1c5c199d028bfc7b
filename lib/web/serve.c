/* The accept loop and what happens around a handler. */
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
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/number.h"
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

static void on_stop(int signal_number)
{
	(void)signal_number;
	stopping = true;
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
	if (route->stream)
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
	if (st != STATUS_OK || done)
		return st;
	return route->handler(req, res);
}

static void send_response(struct request *req, struct response *res)
{
	FCGX_Stream *out = req->connection->fcgi->out;
	if (res->broken || !buf_ok(&res->headers) || !buf_ok(&res->body) || res->status == 0) {
		log_error("response_broken path=%s", req->pattern);
		static const char plain[] =
			"Status: 500 Internal Server Error\r\n"
			"Content-Type: text/plain; charset=utf-8\r\n"
			"Content-Length: 27\r\n\r\nSomething went wrong here.\n";
		FCGX_PutStr(plain, (int)strlen(plain), out);
		return;
	}
	CLEANUP(buf) struct buf head = BUF_INIT(HEADERS_MAX_BYTES * 2);
	buf_printf(&head, "Status: %d%s\r\n%s", res->status,
		   res->status == 460 ? " Checksum Mismatch" : "", buf_text(&res->headers));
	if (res->status != 204 && strcmp(req->method, "HEAD") != 0)
		buf_printf(&head, "Content-Length: %zu\r\n", res->body.length);
	buf_puts(&head, "\r\n");
	FCGX_PutStr(buf_text(&head), (int)head.length, out);
	if (strcmp(req->method, "HEAD") != 0 && res->body.length > 0)
		FCGX_PutStr(buf_text(&res->body), (int)res->body.length, out);
	/* The client may be gone; whatever was to be kept is committed by now (D10, D26). */
	if (FCGX_FFlush(out) != 0)
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
	FCGX_Request *fcgi = req->connection->fcgi;
	const char *end = FCGX_GetParam("SPG_END", fcgi->envp);
	return FCGX_GetError(fcgi->in) == 0 && end && strcmp(end, "1") == 0 && req->method &&
	       req->path && req->address;
}

static void set_timeouts(int fd)
{
	struct timeval limit = { .tv_sec = SOCKET_TIMEOUT_SECONDS };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

static void serve_one(struct worker *worker, FCGX_Request *fcgi)
{
	struct arena arena = { 0 };
	struct request_connection connection = { .fcgi = fcgi, .worker = worker, .body_left = -1 };
	struct request req = { .arena = &arena,
			       .config = worker->config,
			       .context = worker->context,
			       .pattern = "-",
			       .content_length = -1,
			       .connection = &connection };
	struct response res = { .headers = BUF_INIT(HEADERS_MAX_BYTES),
				.body = BUF_INIT(RESPONSE_MAX_BYTES) };
	set_timeouts(fcgi->ipcFd);
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
	FCGX_Finish_r(fcgi);
	arena_reset(&arena);
	log_set_request(NULL);
}

/*
 * libfcgi drops a connection, or spins for ever, when a signal comes while it accepts one, and takes
 * parameters that a signal cut off for whole ones (D5, D11). So signals get through only while a
 * worker waits, here, and in a thread while it reads a body.
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
	for (int served = 0; !stopping && (limit == 0 || served < limit);) {
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
		if (worker->is_thread)
			pthread_sigmask(SIG_SETMASK, &usual, NULL);
		serve_one(worker, &fcgi);
		signals_block();
		served++;
	}
	FCGX_Free(&fcgi, 1);
	pthread_sigmask(SIG_SETMASK, &usual, NULL);
}

static void *worker_thread(void *argument)
{
	struct worker *worker = argument;
	while (!stopping)
		worker_run(worker, 0);
	return NULL;
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

static enum status prepare(const struct service *service, struct config *config, void **ret_context)
{
	log_open(service->name);
	token_init();
	/* No core file may hold what a request knew (B76). */
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	prctl(PR_SET_DUMPABLE, 0);
	enum status st = config_load(config_path(), config);
	if (st == STATUS_OK && service->setup)
		st = service->setup(config, ret_context);
	if (st != STATUS_OK)
		return st;
	setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "200", 1);
	install_signals();
	if (FCGX_Init() != 0)
		log_die("fastcgi_unusable");
	/* Another worker may be faster: accepting then says so instead of waiting. */
	int flags = fcntl(0, F_GETFL);
	if (flags < 0 || fcntl(0, F_SETFL, flags | O_NONBLOCK) != 0)
		log_die("listener_unusable error=%s", strerror(errno));
	return STATUS_OK;
}

/* The supervisor starts it anew at once, however often: a fault that stays must not fill the log. */
static int start_failed(void)
{
	sleep(1);
	return 1;
}

int serve(const struct service *service)
{
	static struct config config; /* as long as the process, like its strings */
	static void *context;
	if (prepare(service, &config, &context) != STATUS_OK)
		return start_failed();
	struct worker worker = { .service = service, .config = &config, .context = context };
	/* Restarts of one pool should not fall together. */
	worker_run(&worker, REQUESTS_BEFORE_RESTART + (int)getpid() % 1000);
	pool_close();
	return 0;
}

int serve_threads(const struct service *service, int threads)
{
	static struct config config; /* as long as the process, like its strings */
	static void *context;
	if (prepare(service, &config, &context) != STATUS_OK)
		return start_failed();
	struct worker *workers = calloc((size_t)threads, sizeof(*workers));
	pthread_t *ids = calloc((size_t)threads, sizeof(*ids));
	if (!workers || !ids)
		log_die("out_of_memory");

	/* Only this thread takes the signals that stop; it then wakes the others out of their reads. */
	sigset_t stops;
	sigemptyset(&stops);
	sigaddset(&stops, SIGTERM);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &stops, NULL);
	if (service->start && service->start(&config, context) != STATUS_OK)
		return 1;
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, (size_t)256 * 1024);
	for (int i = 0; i < threads; i++) {
		workers[i] = (struct worker){
			.service = service, .config = &config, .context = context, .is_thread = true
		};
		if (pthread_create(&ids[i], &attributes, worker_thread, &workers[i]) != 0)
			log_die("thread_not_started");
	}
	int got;
	sigwait(&stops, &got);
	on_stop(got);
	for (int i = 0; i < threads; i++) {
		struct timespec until;
		/* A signal that comes between the check and the read is lost: send it until it works. */
		do {
			pthread_kill(ids[i], SIGUSR2);
			clock_gettime(CLOCK_REALTIME, &until);
			until.tv_nsec += 50000000;
			until.tv_sec += until.tv_nsec / 1000000000;
			until.tv_nsec %= 1000000000;
		} while (pthread_timedjoin_np(ids[i], NULL, &until) == ETIMEDOUT);
	}
	pthread_attr_destroy(&attributes);
	pool_close();
	free(workers);
	free(ids);
	return 0;
}
