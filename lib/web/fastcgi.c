/* FastCGI 1.0, sections 3.3 (records), 3.4 (name-value pairs), 5 and 6.2 (the responder). */
#include "web/fastcgi.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"

enum {
	VERSION = 1,
	TYPE_BEGIN = 1,
	TYPE_END = 3,
	TYPE_PARAMS = 4,
	TYPE_STDIN = 5,
	TYPE_STDOUT = 6,
	ROLE_RESPONDER = 1,
	BEGIN_BYTES = 8,
	END_BYTES = 8,
	RECORD_MAX = 65528, /* of an answer: the most that needs no padding to a multiple of 8 */
	PARAM_COUNT_MAX = 1024,
	END_RECORDS_BYTES = 2 * FASTCGI_HEADER_BYTES + END_BYTES,
	ANSWER_PARTS_MAX = 4,
	AHEAD_BYTES = 4096, /* the parameters that nginx sends take about 600 */
	DRAIN_BYTES = 16 * 1024,
};

struct header {
	unsigned int type, id;
	size_t content, padding;
};

static unsigned int number_16(const unsigned char *bytes)
{
	return (unsigned int)bytes[0] << 8 | bytes[1];
}

static bool header_parse(const unsigned char bytes[static FASTCGI_HEADER_BYTES],
			 struct header *ret_header)
{
	*ret_header = (struct header){
		.type = bytes[1],
		.id = number_16(bytes + 2),
		.content = number_16(bytes + 4),
		.padding = bytes[6],
	};
	return bytes[0] == VERSION && ret_header->id != 0;
}

static void header_make(unsigned char bytes[static FASTCGI_HEADER_BYTES], unsigned int type,
			unsigned int id, size_t content)
{
	const unsigned char made[FASTCGI_HEADER_BYTES] = { VERSION,
							   (unsigned char)type,
							   (unsigned char)(id >> 8),
							   (unsigned char)id,
							   (unsigned char)(content >> 8),
							   (unsigned char)content,
							   0,
							   0 };
	memcpy(bytes, made, sizeof(made));
}

static size_t least(size_t one, size_t other)
{
	return one < other ? one : other;
}

/* What comes before the body, read ahead as far as there is something. */
struct reader {
	int fd;
	int64_t until;
	unsigned char bytes[AHEAD_BYTES];
	size_t at, end;
};

/* At least a byte more, before the time is over. */
static enum status reader_fill(struct reader *reader)
{
	for (;;) {
		ssize_t got = recv(reader->fd, reader->bytes, sizeof(reader->bytes), MSG_DONTWAIT);
		if (got > 0) {
			reader->at = 0;
			reader->end = (size_t)got;
			return STATUS_OK;
		}
		if (got == 0 || (errno != EAGAIN && errno != EINTR))
			return STATUS_RETRY;
		int64_t left = reader->until - clock_now_ms();
		struct pollfd input = { .fd = reader->fd, .events = POLLIN };
		if (left <= 0 || (poll(&input, 1, (int)left) < 0 && errno != EINTR))
			return STATUS_RETRY;
	}
}

static enum status reader_take(struct reader *reader, void *bytes, size_t size)
{
	char *to = bytes;
	while (size > 0) {
		if (reader->at == reader->end) {
			enum status st = reader_fill(reader);
			if (st != STATUS_OK)
				return st;
		}
		size_t part = least(size, reader->end - reader->at);
		memcpy(to, reader->bytes + reader->at, part);
		reader->at += part;
		to += part;
		size -= part;
	}
	return STATUS_OK;
}

/* A record before the body: its content, and its padding behind it. */
static enum status record_read(struct arena *arena, struct reader *reader, struct header *header,
			       unsigned char **ret_content)
{
	unsigned char bytes[FASTCGI_HEADER_BYTES];
	enum status st = reader_take(reader, bytes, sizeof(bytes));
	if (st != STATUS_OK)
		return st;
	if (!header_parse(bytes, header))
		return STATUS_INVALID;
	size_t size = header->content + header->padding;
	*ret_content = arena_alloc(arena, size + 1);
	return reader_take(reader, *ret_content, size);
}

/* One length of a name-value pair; false: it is cut off. */
static bool length_take(const unsigned char **at, const unsigned char *end, size_t *ret_length)
{
	if (*at == end)
		return false;
	if ((**at & 0x80) == 0) {
		*ret_length = *(*at)++;
		return true;
	}
	if (end - *at < 4)
		return false;
	*ret_length = (size_t)(**at & 0x7f) << 24 | (size_t)(*at)[1] << 16 | (size_t)(*at)[2] << 8 |
		      (*at)[3];
	*at += 4;
	return true;
}

static enum status params_parse(struct arena *arena, const unsigned char *bytes, size_t size,
				char ***ret_params)
{
	const unsigned char *at = bytes, *end = bytes + size;
	char **params = arena_alloc(arena, (PARAM_COUNT_MAX + 1) * sizeof(*params));
	size_t count = 0, name, value;
	while (at < end) {
		if (!length_take(&at, end, &name) || !length_take(&at, end, &value) ||
		    name > (size_t)(end - at) || value > (size_t)(end - at) - name ||
		    count == PARAM_COUNT_MAX)
			return STATUS_INVALID;
		/* A name that is none, or bytes that end a string, would read as something else. */
		if (memchr(at, '=', name) || memchr(at, '\0', name + value))
			return STATUS_INVALID;
		char *text = arena_alloc(arena, name + value + 2);
		memcpy(text, at, name);
		text[name] = '=';
		memcpy(text + name + 1, at + name, value);
		text[name + 1 + value] = '\0';
		params[count++] = text;
		at += name + value;
	}
	params[count] = NULL;
	*ret_params = params;
	return STATUS_OK;
}

/* The bytes of a record's header, as many as there are; false: it is not one of this body. */
static bool header_take(struct fastcgi *fastcgi, const unsigned char **at, const unsigned char *end)
{
	struct header header;
	size_t taken = least(FASTCGI_HEADER_BYTES - fastcgi->header_length, (size_t)(end - *at));
	memcpy(fastcgi->header + fastcgi->header_length, *at, taken);
	fastcgi->header_length += taken;
	*at += taken;
	if (fastcgi->header_length < FASTCGI_HEADER_BYTES)
		return true;
	fastcgi->header_length = 0;
	if (!header_parse(fastcgi->header, &header) || header.type != TYPE_STDIN ||
	    header.id != fastcgi->id)
		return false;
	fastcgi->content_left = header.content;
	fastcgi->padding_left = header.padding;
	fastcgi->ended = header.content == 0;
	return true;
}

/* What came with the parameters; often it is the end of the body, and nobody has to wait for that. */
static enum status early_keep(struct arena *arena, const struct reader *reader,
			      struct fastcgi *fastcgi)
{
	const unsigned char *at = reader->bytes + reader->at, *end = reader->bytes + reader->end;
	if (at < end && !header_take(fastcgi, &at, end))
		return STATUS_INVALID;
	fastcgi->early_length = (size_t)(end - at);
	fastcgi->early =
		memcpy(arena_alloc(arena, fastcgi->early_length + 1), at, fastcgi->early_length);
	return STATUS_OK;
}

enum status fastcgi_open(struct arena *arena, int fd, int timeout_ms, struct fastcgi *ret_fastcgi)
{
	struct reader reader = { .fd = fd, .until = clock_now_ms() + timeout_ms };
	struct header header;
	unsigned char *content, *all = NULL;
	size_t size = 0;
	*ret_fastcgi = (struct fastcgi){ .fd = fd };
	enum status st = record_read(arena, &reader, &header, &content);
	if (st != STATUS_OK)
		return st;
	unsigned int id = header.id;
	if (header.type != TYPE_BEGIN || header.content != BEGIN_BYTES ||
	    number_16(content) != ROLE_RESPONDER)
		return STATUS_INVALID;
	do {
		st = record_read(arena, &reader, &header, &content);
		if (st != STATUS_OK)
			return st;
		if (header.type != TYPE_PARAMS || header.id != id ||
		    size + header.content > FASTCGI_PARAMS_MAX)
			return STATUS_INVALID;
		/* Nearly always there is one record. */
		if (header.content > 0) {
			unsigned char *more =
				size ? arena_alloc(arena, size + header.content) : content;
			if (size) {
				memcpy(more, all, size);
				memcpy(more + size, content, header.content);
			}
			all = more;
			size += header.content;
		}
	} while (header.content > 0);
	ret_fastcgi->id = id;
	st = early_keep(arena, &reader, ret_fastcgi);
	return st == STATUS_OK ? params_parse(arena, all, size, &ret_fastcgi->params) : st;
}

enum status fastcgi_wait(const struct fastcgi *fastcgi, int timeout_ms)
{
	struct pollfd input = { .fd = fastcgi->fd, .events = POLLIN };
	return fastcgi->early_length > 0 || poll(&input, 1, timeout_ms) > 0 ? STATUS_OK
									    : STATUS_RETRY;
}

/* Many small pieces are moved together. */
static void part_add(struct iovec parts[static FASTCGI_PARTS_MAX], size_t *count,
		     unsigned char *content, size_t size)
{
	if (*count < FASTCGI_PARTS_MAX) {
		parts[(*count)++] = (struct iovec){ content, size };
		return;
	}
	struct iovec *last = &parts[FASTCGI_PARTS_MAX - 1];
	memmove((char *)last->iov_base + last->iov_len, content, size);
	last->iov_len += size;
}

static ssize_t early_take(struct fastcgi *fastcgi, unsigned char *buffer, size_t size)
{
	size_t taken = least(fastcgi->early_length, size);
	memcpy(buffer, fastcgi->early, taken);
	fastcgi->early += taken;
	fastcgi->early_length -= taken;
	return (ssize_t)taken;
}

enum status fastcgi_receive(struct fastcgi *fastcgi, unsigned char *buffer, size_t size,
			    struct iovec ret_parts[static FASTCGI_PARTS_MAX], size_t *ret_count)
{
	*ret_count = 0;
	if (fastcgi->ended)
		return STATUS_OK;
	ssize_t got = early_take(fastcgi, buffer, size);
	if (got == 0)
		got = recv(fastcgi->fd, buffer, size, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return STATUS_OK;
	if (got <= 0)
		return STATUS_RETRY;
	const unsigned char *at = buffer, *end = buffer + got;
	while (at < end && !fastcgi->ended) {
		size_t padding = least(fastcgi->padding_left, (size_t)(end - at));
		size_t content = least(fastcgi->content_left, (size_t)(end - at));
		if (content > 0) {
			part_add(ret_parts, ret_count, buffer + (at - buffer), content);
			fastcgi->content_left -= content;
			at += content;
		} else if (padding > 0) {
			fastcgi->padding_left -= padding;
			at += padding;
		} else if (!header_take(fastcgi, &at, end)) {
			return STATUS_INVALID;
		}
	}
	return STATUS_OK;
}

/* Send all of the parts; they are changed on the way. */
static bool send_all(int fd, struct iovec *parts, size_t count, int timeout_ms)
{
	while (count > 0) {
		struct msghdr message = { .msg_iov = parts, .msg_iovlen = count };
		ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno == EAGAIN) {
			struct pollfd output = { .fd = fd, .events = POLLOUT };
			int ready = poll(&output, 1, timeout_ms);
			if (ready == 0 || (ready < 0 && errno != EINTR))
				return false;
			continue;
		}
		if (sent < 0 && errno != EINTR)
			return false;
		for (size_t left = sent > 0 ? (size_t)sent : 0; count > 0;) {
			size_t done = least(left, parts->iov_len);
			parts->iov_base = (char *)parts->iov_base + done;
			parts->iov_len -= done;
			left -= done;
			if (parts->iov_len > 0)
				break;
			parts++;
			count--;
		}
	}
	return true;
}

/* The empty record ends the stream; application and protocol status are 0: complete. */
static struct iovec end_make(unsigned char bytes[static END_RECORDS_BYTES], unsigned int id)
{
	memset(bytes, 0, END_RECORDS_BYTES);
	header_make(bytes, TYPE_STDOUT, id, 0);
	header_make(bytes + FASTCGI_HEADER_BYTES, TYPE_END, id, END_BYTES);
	return (struct iovec){ bytes, END_RECORDS_BYTES };
}

/* A long part, record after record. */
static bool send_part(const struct fastcgi *fastcgi, const struct iovec *part, int timeout_ms)
{
	for (size_t done = 0; done < part->iov_len;) {
		unsigned char header[FASTCGI_HEADER_BYTES];
		size_t size = least(part->iov_len - done, RECORD_MAX);
		header_make(header, TYPE_STDOUT, fastcgi->id, size);
		struct iovec record[] = { { header, sizeof(header) },
					  { (char *)part->iov_base + done, size } };
		if (!send_all(fastcgi->fd, record, ARRAY_SIZE(record), timeout_ms))
			return false;
		done += size;
	}
	return true;
}

bool fastcgi_answer(const struct fastcgi *fastcgi, const struct iovec *parts, size_t count,
		    int timeout_ms)
{
	unsigned char header[FASTCGI_HEADER_BYTES], end[END_RECORDS_BYTES];
	struct iovec all[ANSWER_PARTS_MAX + 2] = { { header, sizeof(header) } };
	size_t size = 0;
	for (size_t i = 0; i < count; i++)
		size += parts[i].iov_len;
	/* Nearly every answer is one record; sent with the end, nginx need not be woken twice. */
	if (size <= RECORD_MAX && count <= ANSWER_PARTS_MAX) {
		header_make(header, TYPE_STDOUT, fastcgi->id, size);
		memcpy(all + 1, parts, count * sizeof(*parts));
		all[count + 1] = end_make(end, fastcgi->id);
		return send_all(fastcgi->fd, all, count + 2, timeout_ms);
	}
	for (size_t i = 0; i < count; i++) {
		if (!send_part(fastcgi, &parts[i], timeout_ms))
			return false;
	}
	all[0] = end_make(end, fastcgi->id);
	return send_all(fastcgi->fd, all, 1, timeout_ms);
}

void fastcgi_close(const struct fastcgi *fastcgi, int linger_ms)
{
	int fd = fastcgi->fd;
	int64_t until = clock_now_ms() + linger_ms;
	char bytes[DRAIN_BYTES];
	if (!fastcgi->ended)
		shutdown(fd, SHUT_WR);
	for (int64_t left = linger_ms; !fastcgi->ended && left > 0; left = until - clock_now_ms()) {
		struct pollfd input = { .fd = fd, .events = POLLIN };
		if (poll(&input, 1, (int)left) <= 0 ||
		    recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) <= 0)
			break;
	}
	close(fd);
}
