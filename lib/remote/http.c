/* libcurl's multi interface behind one small shape. */
#include "remote/http.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <curl/curl.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/config.h"
#include "base/log.h"
#include "base/utf8.h"

enum {
	ANSWER_DEFAULT_BYTES = 64 * 1024,
	HEADER_MAX_BYTES = 256,
	CONNECT_TIMEOUT_MS = 10000,
	STALL_SECONDS = 30,
	RECEIVE_BUFFER_BYTES = 4 * 1024, /* answers are small, and many are under way */
};

struct http {
	CURLM *multi;
	struct http_transfer *transfers;
	int upload_buffer;
	int finished; /* counts callbacks, so that http_run can return early */
};

struct http_transfer {
	struct http *http;
	struct http_transfer *next, **link;
	CURL *easy;
	struct curl_slist *headers;
	struct arena *arena;
	struct http_request request;
	int64_t body_done;
	struct buf answer;
	http_done *done;
	void *context;
};

struct http *http_open(int max_connections, int upload_buffer)
{
	struct http *http = calloc(1, sizeof(*http));
	if (!http || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		log_die("libcurl_unusable");
	http->multi = curl_multi_init();
	if (!http->multi)
		log_die("libcurl_unusable");
	curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)max_connections);
	http->upload_buffer = upload_buffer;
	return http;
}

static void transfer_free(struct http_transfer *transfer)
{
	curl_multi_remove_handle(transfer->http->multi, transfer->easy);
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	buf_release(&transfer->answer);
	*transfer->link = transfer->next;
	if (transfer->next)
		transfer->next->link = transfer->link;
	free(transfer);
}

void http_cancel(struct http_transfer *transfer)
{
	transfer_free(transfer);
}

void http_close(struct http *http)
{
	if (!http)
		return;
	while (http->transfers)
		transfer_free(http->transfers);
	curl_multi_cleanup(http->multi);
	free(http);
}

static size_t on_answer(char *bytes, size_t size, size_t count, void *context)
{
	struct http_transfer *transfer = context;
	buf_append(&transfer->answer, bytes, size * count);
	return buf_ok(&transfer->answer) ? size * count : 0;
}

static size_t on_body(char *out, size_t size, size_t count, void *context)
{
	struct http_transfer *transfer = context;
	int64_t left = transfer->request.body_size - transfer->body_done;
	size_t wanted = size * count;
	if ((uint64_t)left < wanted)
		wanted = (size_t)left;
	if (wanted == 0)
		return 0;
	ssize_t got;
	do {
		got = pread(transfer->request.body_fd, out, wanted,
			    transfer->request.body_offset + transfer->body_done);
	} while (got < 0 && errno == EINTR);
	/* A file shorter than it was is not sent on: the other side would take the rest for video. */
	if (got <= 0)
		return CURL_READFUNC_ABORT;
	transfer->body_done += got;
	return (size_t)got;
}

static void add_header(struct http_transfer *transfer, const char *header)
{
	struct curl_slist *headers = curl_slist_append(transfer->headers, header);
	if (!headers)
		log_die("out_of_memory");
	transfer->headers = headers;
}

/* The one constructor of handles: every limit is set here. */
static CURL *easy_new(const struct http_request *request)
{
	CURL *easy = curl_easy_init();
	if (!easy)
		log_die("out_of_memory");
	bool loopback = config_url_is_loopback(request->url);
	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, loopback ? "http,https" : "https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)request->timeout_seconds);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, request->fresh_connection ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER_BYTES);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "spg-autoposter/0.1");
	return easy;
}

static void set_body(struct http_transfer *transfer)
{
	const struct http_request *request = &transfer->request;
	if (request->body_from_file) {
		curl_easy_setopt(transfer->easy, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(transfer->easy, CURLOPT_READFUNCTION, on_body);
		curl_easy_setopt(transfer->easy, CURLOPT_READDATA, transfer);
		curl_easy_setopt(transfer->easy, CURLOPT_INFILESIZE_LARGE,
				 (curl_off_t)request->body_size);
		curl_easy_setopt(transfer->easy, CURLOPT_UPLOAD_BUFFERSIZE,
				 (long)transfer->http->upload_buffer);
	} else if (strcmp(request->method, "POST") == 0) {
		curl_easy_setopt(transfer->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)request->body_length);
		curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDS,
				 request->body ? request->body : "");
	}
}

struct http_transfer *http_start(struct http *http, struct arena *arena,
				 const struct http_request *request, http_done *done, void *context)
{
	struct http_transfer *transfer = calloc(1, sizeof(*transfer));
	if (!transfer)
		log_die("out_of_memory");
	*transfer = (struct http_transfer){ .http = http,
					    .next = http->transfers,
					    .link = &http->transfers,
					    .easy = easy_new(request),
					    .arena = arena,
					    .request = *request,
					    .answer = BUF_INIT(request->max_answer
								       ? request->max_answer
								       : ANSWER_DEFAULT_BYTES),
					    .done = done,
					    .context = context };
	if (http->transfers)
		http->transfers->link = &transfer->next;
	http->transfers = transfer;

	/* No "Expect: 100-continue": it costs a round trip, and TikTok does not ask for it. */
	add_header(transfer, "Expect:");
	if (request->content_type)
		add_header(transfer,
			   arena_printf(arena, "Content-Type: %s", request->content_type));
	if (request->content_range)
		add_header(transfer,
			   arena_printf(arena, "Content-Range: %s", request->content_range));
	if (request->bearer.bytes)
		add_header(transfer,
			   arena_printf(arena, "Authorization: Bearer %s", request->bearer.bytes));
	curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
	curl_easy_setopt(transfer->easy, CURLOPT_WRITEFUNCTION, on_answer);
	curl_easy_setopt(transfer->easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
	set_body(transfer);
	if (curl_multi_add_handle(http->multi, transfer->easy) != CURLM_OK)
		log_die("libcurl_unusable");
	return transfer;
}

static const char *answer_header(struct arena *arena, CURL *easy, const char *name)
{
	struct curl_header *header;
	if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return NULL;
	size_t length = strlen(header->value);
	/* It is logged and stored: what is not text there is none. */
	if (length > HEADER_MAX_BYTES || !utf8_is_valid(header->value, length) ||
	    !utf8_is_printable(header->value, /* lines= */ false))
		return NULL;
	return arena_strndup(arena, header->value, length);
}

static void finish(struct http_transfer *transfer, CURLcode result)
{
	struct arena *arena = transfer->arena;
	struct http_answer answer = { .bytes_sent = transfer->body_done };
	long request_size = 0;
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &answer.status);
	curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &request_size);
	enum status st = STATUS_OK;
	if (result == CURLE_OK) {
		answer.body =
			arena_strndup(arena, buf_text(&transfer->answer), transfer->answer.length);
		answer.length = transfer->answer.length;
		answer.content_range = answer_header(arena, transfer->easy, "content-range");
		answer.log_id = answer_header(arena, transfer->easy, "x-tt-logid");
	} else {
		/* Half an answer is none. */
		answer.status = 0;
		answer.maybe_sent = request_size > 0;
		answer.problem = curl_easy_strerror(result);
		st = STATUS_RETRY;
	}
	http_done *done = transfer->done;
	void *context = transfer->context;
	transfer->http->finished++;
	transfer_free(transfer);
	done(context, st, &answer);
}

static void collect(struct http *http)
{
	CURLMsg *message;
	int left;
	while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		struct http_transfer *transfer;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
		finish(transfer, message->data.result);
	}
}

void http_run(struct http *http, int timeout_ms)
{
	int running, before = http->finished;
	curl_multi_perform(http->multi, &running);
	collect(http);
	if (http->finished != before)
		return;
	curl_multi_poll(http->multi, NULL, 0, timeout_ms, NULL);
	curl_multi_perform(http->multi, &running);
	collect(http);
}

struct sent {
	bool done;
	enum status st;
	struct http_answer answer;
};

static void on_sent(void *context, enum status st, const struct http_answer *answer)
{
	struct sent *sent = context;
	*sent = (struct sent){ true, st, *answer };
}

enum status http_send(struct http *http, struct arena *arena, const struct http_request *request,
		      struct http_answer *ret_answer)
{
	struct sent sent = { 0 };
	http_start(http, arena, request, on_sent, &sent);
	while (!sent.done)
		http_run(http, 1000);
	*ret_answer = sent.answer;
	return sent.st;
}

enum status http_url_split(struct arena *arena, const char *url, const char **ret_scheme,
			   const char **ret_host)
{
	CURLU *parsed = curl_url();
	char *scheme = NULL, *host = NULL, *user = NULL;
	enum status st = STATUS_INVALID;
	if (!parsed)
		log_die("out_of_memory");
	if (curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0) &&
	    curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(parsed, CURLUPART_USER, &user, 0) == CURLUE_NO_USER) {
		char *lower = arena_strdup(arena, host);
		for (char *byte = lower; *byte; byte++)
			*byte = (char)tolower((unsigned char)*byte);
		*ret_scheme = arena_strdup(arena, scheme);
		*ret_host = lower;
		st = STATUS_OK;
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_url_cleanup(parsed);
	return st;
}
