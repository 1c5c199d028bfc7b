/* Downloads over libcurl. Redirects are followed here, one request for each hop. */
#include "remote/fetch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <curl/curl.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "remote/public_address.h"

enum {
	REDIRECTS_MAX = 5,
	HTTPS_PORT = 443,
	HEADERS_MAX_BYTES = 64 * 1024, /* of all answers on the way */
	HEADER_MAX_BYTES = 2048,
	CONNECT_TIMEOUT_MS = 15000,
	SLOW_BYTES = 1000, /* a second */
	RECEIVE_BUFFER_BYTES = 128 * 1024,
	URL_MAX_BYTES = 4096,
};

struct fetcher {
	CURLM *multi;
	const struct fetch_rules *rules;
	struct fetch *fetches;
};

struct fetch {
	struct fetcher *fetcher;
	struct fetch *next, **link;
	struct arena arena;
	CURL *easy; /* of this hop; NULL: refused before it began */
	struct curl_slist *headers;
	const char *url;
	int64_t offset;
	const char *validator;
	struct fetch_callbacks callbacks;
	void *context;
	time_t deadline;
	int redirects;
	size_t header_bytes;
	bool is_test_origin; /* this hop */
	bool begun, refused_address;
	enum fetch_end verdict; /* what a callback of libcurl has found; FETCH_DONE: nothing yet */
};

struct fetcher *fetcher_open(const struct fetch_rules *rules)
{
	struct fetcher *fetcher = calloc(1, sizeof(*fetcher));
	if (!fetcher || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		log_die("libcurl_unusable");
	fetcher->multi = curl_multi_init();
	if (!fetcher->multi)
		log_die("libcurl_unusable");
	fetcher->rules = rules;
	return fetcher;
}

static void hop_end(struct fetch *fetch)
{
	if (fetch->easy) {
		curl_multi_remove_handle(fetch->fetcher->multi, fetch->easy);
		curl_easy_cleanup(fetch->easy);
	}
	curl_slist_free_all(fetch->headers);
	fetch->easy = NULL;
	fetch->headers = NULL;
}

void fetch_cancel(struct fetch *fetch)
{
	hop_end(fetch);
	*fetch->link = fetch->next;
	if (fetch->next)
		fetch->next->link = fetch->link;
	arena_reset(&fetch->arena);
	free(fetch);
}

void fetcher_close(struct fetcher *fetcher)
{
	if (!fetcher)
		return;
	while (fetcher->fetches)
		fetch_cancel(fetcher->fetches);
	curl_multi_cleanup(fetcher->multi);
	free(fetcher);
}

/* Scheme, host and port of an address that has no user in it; an empty string otherwise. */
static const char *origin_of(struct arena *arena, const char *url, const char **ret_scheme,
			     const char **ret_port)
{
	char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL, *password = NULL;
	const char *origin = "";
	CURLU *parsed = curl_url();
	if (!parsed)
		log_die("out_of_memory");
	if (strlen(url) <= URL_MAX_BYTES &&
	    curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK && *host &&
	    curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	    curl_url_get(parsed, CURLUPART_USER, &user, 0) == CURLUE_NO_USER &&
	    curl_url_get(parsed, CURLUPART_PASSWORD, &password, 0) == CURLUE_NO_PASSWORD) {
		origin = arena_printf(arena, "%s://%s:%s", scheme, host, port);
		*ret_scheme = arena_strdup(arena, scheme);
		*ret_port = arena_strdup(arena, port);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(user);
	curl_free(password);
	curl_url_cleanup(parsed);
	return origin;
}

static bool judge_url(struct arena *arena, const struct fetch_rules *rules, const char *url,
		      bool *ret_is_test_origin)
{
	const char *scheme = "", *port = "";
	const char *origin = origin_of(arena, url, &scheme, &port);
	*ret_is_test_origin = false;
	if (!*origin)
		return false;
	if (rules->test_origin) {
		const char *unused_scheme, *unused_port;
		*ret_is_test_origin =
			strcasecmp(origin, origin_of(arena, rules->test_origin, &unused_scheme,
						     &unused_port)) == 0;
	}
	return *ret_is_test_origin || (strcmp(scheme, "https") == 0 && strcmp(port, "443") == 0);
}

bool fetch_url_is_allowed(const struct fetch_rules *rules, const char *url)
{
	CLEANUP(arena) struct arena arena = { 0 };
	bool is_test_origin;
	return judge_url(&arena, rules, url, &is_test_origin);
}

static uint16_t port_of(const struct sockaddr *address)
{
	struct sockaddr_in v4;
	/* The port lies at the same place in both. */
	memcpy(&v4, address, sizeof(v4));
	return ntohs(v4.sin_port);
}

/* The address that is connected to, whatever name led to it. */
static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct fetch *fetch = context;
	bool allowed = fetch->is_test_origin ? public_address_is_loopback(&address->addr)
					     : public_address_is(&address->addr) &&
						       port_of(&address->addr) == HTTPS_PORT;
	if (purpose != CURLSOCKTYPE_IPCXN || !allowed) {
		fetch->refused_address = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
	(void)bytes;
	struct fetch *fetch = context;
	fetch->header_bytes += size * count;
	if (fetch->header_bytes <= HEADERS_MAX_BYTES)
		return size * count;
	fetch->verdict = FETCH_MALFORMED;
	return 0;
}

/* A header of the last answer; NULL: none, or none that is text. */
static const char *answer_header(struct fetch *fetch, const char *name)
{
	struct curl_header *header;
	if (curl_easy_header(fetch->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return NULL;
	size_t length = strlen(header->value);
	if (length > HEADER_MAX_BYTES || !utf8_is_printable(header->value, /* lines= */ false))
		return NULL;
	return arena_strndup(&fetch->arena, header->value, length);
}

static bool is_encoded(struct fetch *fetch)
{
	const char *encoding = answer_header(fetch, "content-encoding");
	return encoding && *encoding && strcasecmp(encoding, "identity") != 0;
}

/* The answer has a body: is it what we want? */
static enum fetch_end judge_answer(struct fetch *fetch, struct fetch_head *ret_head)
{
	curl_off_t length = -1;
	struct fetch_range_answer answer = {
		.content_range = answer_header(fetch, "content-range"),
		.etag = answer_header(fetch, "etag"),
		.last_modified = answer_header(fetch, "last-modified"),
	};
	curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &answer.status);
	curl_easy_getinfo(fetch->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	answer.content_length = length;
	if (answer.status != 200 && answer.status != 206 && answer.status != 416)
		return FETCH_STATUS;
	if (answer.status != 416 && is_encoded(fetch))
		return FETCH_ENCODED;
	*ret_head = (struct fetch_head){
		.validator = fetch_range_validator(answer.etag, answer.last_modified),
		.disposition = answer_header(fetch, "content-disposition"),
		.type = answer_header(fetch, "content-type"),
		.url = fetch->url,
	};
	ret_head->range =
		fetch_range_judge(&answer, fetch->offset, fetch->validator, &ret_head->total);
	return ret_head->range == FETCH_RANGE_USELESS ? FETCH_USELESS : FETCH_DONE;
}

/* What is returned instead of the count ends the transfer. */
static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
	struct fetch *fetch = context;
	struct fetch_head head;
	if (size * count == 0)
		return 0;
	if (!fetch->begun) {
		fetch->verdict = judge_answer(fetch, &head);
		if (fetch->verdict != FETCH_DONE)
			return CURL_WRITEFUNC_ERROR;
		fetch->begun = true;
		if (!fetch->callbacks.begin(fetch->context, &head, bytes, size * count)) {
			fetch->verdict = FETCH_STOPPED;
			return CURL_WRITEFUNC_ERROR;
		}
	}
	if (fetch->callbacks.take(fetch->context, bytes, size * count))
		return size * count;
	fetch->verdict = FETCH_STOPPED;
	return CURL_WRITEFUNC_ERROR;
}

static void add_header(struct fetch *fetch, const char *header)
{
	struct curl_slist *headers = curl_slist_append(fetch->headers, header);
	if (!headers)
		log_die("out_of_memory");
	fetch->headers = headers;
}

/* The one constructor of handles: every limit is set here. */
static CURL *easy_new(struct fetch *fetch, int64_t seconds)
{
	CURL *easy = curl_easy_init();
	if (!easy)
		log_die("out_of_memory");
	curl_easy_setopt(easy, CURLOPT_URL, fetch->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
			 fetch->is_test_origin ? "http,https" : "https");
	curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)seconds);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)fetch->fetcher->rules->slow_seconds);
	/* The address is looked at when a connection is made, so each hop makes one. */
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER_BYTES);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "spg-autoposter/0.1");
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, fetch);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, fetch);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, fetch);
	return easy;
}

/* The next hop; false: it is not allowed, or there is no time left. */
static bool hop_start(struct fetch *fetch)
{
	int64_t seconds = fetch->deadline - clock_now_s();
	if (!judge_url(&fetch->arena, fetch->fetcher->rules, fetch->url, &fetch->is_test_origin)) {
		fetch->verdict = FETCH_ADDRESS;
		return false;
	}
	if (seconds <= 0) {
		fetch->verdict = FETCH_TIMEOUT;
		return false;
	}
	fetch->easy = easy_new(fetch, seconds);
	add_header(fetch, "Accept: */*");
	add_header(fetch, "Accept-Encoding: identity");
	if (fetch->offset > 0) {
		add_header(fetch, arena_printf(&fetch->arena, "Range: bytes=%lld-",
					       (long long)fetch->offset));
		add_header(fetch, arena_printf(&fetch->arena, "If-Range: %s", fetch->validator));
	}
	curl_easy_setopt(fetch->easy, CURLOPT_HTTPHEADER, fetch->headers);
	if (curl_multi_add_handle(fetch->fetcher->multi, fetch->easy) != CURLM_OK)
		log_die("libcurl_unusable");
	return true;
}

struct fetch *fetch_start(struct fetcher *fetcher, const struct fetch_request *request,
			  const struct fetch_callbacks *callbacks, void *context)
{
	struct fetch *fetch = calloc(1, sizeof(*fetch));
	if (!fetch)
		log_die("out_of_memory");
	*fetch = (struct fetch){ .fetcher = fetcher,
				 .next = fetcher->fetches,
				 .link = &fetcher->fetches,
				 .offset = request->offset,
				 .callbacks = *callbacks,
				 .context = context,
				 .deadline = clock_now_s() + fetcher->rules->seconds };
	fetch->url = arena_strdup(&fetch->arena, request->url);
	fetch->validator = arena_strdup(&fetch->arena, request->validator);
	if (fetch->next)
		fetch->next->link = &fetch->next;
	fetcher->fetches = fetch;
	hop_start(fetch);
	return fetch;
}

static enum fetch_end end_of_code(const struct fetch *fetch, CURLcode code, long status)
{
	switch ((int)code) {
	case CURLE_OK:
		return FETCH_DONE;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_URL_MALFORMAT:
		return FETCH_UNREACHABLE;
	case CURLE_COULDNT_CONNECT:
		return fetch->refused_address ? FETCH_NOT_PUBLIC : FETCH_UNREACHABLE;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return FETCH_TLS;
	case CURLE_OPERATION_TIMEDOUT:
		if (clock_now_s() >= fetch->deadline)
			return FETCH_TIMEOUT;
		return status == 0 && fetch->header_bytes == 0 ? FETCH_UNREACHABLE : FETCH_SLOW;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_BAD_CONTENT_ENCODING:
		return FETCH_MALFORMED;
	default:
		return FETCH_BROKEN;
	}
}

static bool is_redirect(long status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* One hop has ended: where does it lead? */
static enum fetch_end hop_judge(struct fetch *fetch, CURLcode code, long status)
{
	struct fetch_head head;
	if (fetch->verdict != FETCH_DONE)
		return fetch->verdict;
	enum fetch_end end = end_of_code(fetch, code, status);
	if (end != FETCH_DONE || fetch->begun)
		return end;
	/* It has no body. */
	return judge_answer(fetch, &head);
}

/* Where the answer leads, seen from the address that gave it; NULL: nowhere. */
static const char *redirect_target(struct fetch *fetch)
{
	const char *location = answer_header(fetch, "location"), *target = NULL;
	char *url = NULL;
	CURLU *parsed = curl_url();
	if (!parsed)
		log_die("out_of_memory");
	if (location && curl_url_set(parsed, CURLUPART_URL, fetch->url, 0) == CURLUE_OK &&
	    curl_url_set(parsed, CURLUPART_URL, location, CURLU_URLENCODE) == CURLUE_OK &&
	    curl_url_get(parsed, CURLUPART_URL, &url, 0) == CURLUE_OK)
		target = arena_strdup(&fetch->arena, url);
	curl_free(url);
	curl_url_cleanup(parsed);
	return target;
}

/* True when a redirect was followed. */
static bool redirect_follow(struct fetch *fetch, enum fetch_end *end, long status)
{
	if (*end != FETCH_STATUS || !is_redirect(status))
		return false;
	const char *url = redirect_target(fetch);
	if (!url || fetch->redirects++ == REDIRECTS_MAX) {
		*end = FETCH_REDIRECTS;
		return false;
	}
	fetch->url = url;
	fetch->verdict = FETCH_DONE;
	fetch->refused_address = false;
	hop_end(fetch);
	/* One that is refused is found by fetcher_run() as one without a handle. */
	hop_start(fetch);
	return true;
}

static void finish(struct fetch *fetch, enum fetch_end end, long status)
{
	struct fetch_callbacks callbacks = fetch->callbacks;
	void *context = fetch->context;
	fetch_cancel(fetch);
	callbacks.end(context, end, status);
}

static void collect(struct fetcher *fetcher)
{
	CURLMsg *message;
	int left;
	while ((message = curl_multi_info_read(fetcher->multi, &left)) != NULL) {
		struct fetch *fetch;
		long status = 0;
		if (message->msg != CURLMSG_DONE)
			continue;
		CURLcode code = message->data.result;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&fetch);
		curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
		enum fetch_end end = hop_judge(fetch, code, status);
		if (!redirect_follow(fetch, &end, status))
			finish(fetch, end, status);
	}
	for (struct fetch *fetch = fetcher->fetches, *next; fetch; fetch = next) {
		next = fetch->next;
		if (!fetch->easy)
			finish(fetch, fetch->verdict, 0);
	}
}

void fetcher_run(struct fetcher *fetcher, int timeout_ms)
{
	int running;
	collect(fetcher);
	curl_multi_perform(fetcher->multi, &running);
	collect(fetcher);
	curl_multi_poll(fetcher->multi, NULL, 0, timeout_ms, NULL);
	curl_multi_perform(fetcher->multi, &running);
	collect(fetcher);
}
