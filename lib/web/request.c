/* Access to a request's parts. */
#include "web/request.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/number.h"
#include "web/buffers.h"
#include "web/connection.h"
#include "web/pool.h"

const char *request_param(struct request *req, const char *name)
{
	const char *value = FCGX_GetParam(name, req->connection->params);
	return value ? arena_strdup(req->arena, value) : NULL;
}

int request_param_count(struct request *req, const char *name)
{
	int count = 0;
	size_t length = strlen(name);
	for (char **entry = req->connection->params; entry && *entry; entry++) {
		if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
			count++;
	}
	return count;
}

enum status request_id(const struct request *req, int64_t *ret_id)
{
	return number_parse(req->id, 1, INT64_MAX, ret_id) == STATUS_OK ? STATUS_OK
									: STATUS_NOT_FOUND;
}

enum status request_db(struct request *req, struct db **ret_db)
{
	struct worker *worker = req->connection->worker;
	if (!worker->db) {
		enum status st = pool_take(worker->config, worker->service->name, &worker->db);
		if (st != STATUS_OK)
			return st;
	}
	*ret_db = worker->db;
	return STATUS_OK;
}

void request_db_release(struct request *req)
{
	pool_give(req->connection->worker->db);
	req->connection->worker->db = NULL;
}

void request_error(struct request *req, const char *field, const char *code, const char *message)
{
	if (req->error_count < REQUEST_ERRORS_MAX)
		req->errors[req->error_count++] = (struct request_error){ field, code, message };
}

/* The end of a body: clean only without an error and, where the length was told, with all of it (B50). */
static enum status body_end(struct request_connection *connection, bool broken)
{
	connection->cut = broken || connection->body_left > 0;
	return connection->cut ? STATUS_RETRY : STATUS_OK;
}

enum status request_read(struct request *req, void *bytes, size_t size, size_t *ret_length)
{
	struct request_connection *connection = req->connection;
	*ret_length = 0;
	if (connection->cut)
		return STATUS_RETRY;
	if (connection->body_left == 0 || size == 0)
		return STATUS_OK;
	int got = FCGX_GetStr(bytes, (int)(size < INT_MAX ? size : INT_MAX), connection->fcgi->in);
	if (got <= 0)
		return body_end(connection, FCGX_GetError(connection->fcgi->in) != 0);
	*ret_length = (size_t)got;
	if (connection->body_left > 0)
		connection->body_left -= got;
	return STATUS_OK;
}

enum status request_receive(struct request *req, int timeout_ms, struct request_bytes *ret_bytes)
{
	struct request_connection *connection = req->connection;
	struct fastcgi *stream = connection->stream;
	*ret_bytes = (struct request_bytes){ 0 };
	if (connection->cut)
		return STATUS_RETRY;
	if (connection->body_left == 0)
		return STATUS_OK;
	enum status st = STATUS_OK;
	while (st == STATUS_OK && ret_bytes->length == 0 && !stream->ended) {
		/* Whoever waits for a slow client holds nothing that others need. */
		st = fastcgi_wait(stream, timeout_ms);
		if (st != STATUS_OK)
			break;
		if (!ret_bytes->buffer)
			ret_bytes->buffer = buffers_take();
		st = fastcgi_receive(stream, ret_bytes->buffer, BUFFER_BYTES, ret_bytes->parts,
				     &ret_bytes->count);
		for (size_t i = 0; i < ret_bytes->count; i++)
			ret_bytes->length += ret_bytes->parts[i].iov_len;
		if (ret_bytes->length == 0)
			request_bytes_release(ret_bytes);
	}
	if (connection->body_left > 0)
		connection->body_left -= (int64_t)ret_bytes->length;
	return ret_bytes->length > 0 ? STATUS_OK : body_end(connection, st != STATUS_OK);
}

void request_bytes_release(struct request_bytes *bytes)
{
	buffers_give(bytes->buffer);
	bytes->buffer = NULL;
	bytes->count = bytes->length = 0;
}

void request_bytes_shorten(struct request_bytes *bytes, size_t length)
{
	bytes->length = length;
	bytes->count = 0;
	for (struct iovec *part = bytes->parts; length > 0; part++) {
		if (part->iov_len > length)
			part->iov_len = length;
		length -= part->iov_len;
		bytes->count++;
	}
}

static_assert((int)REQUEST_PARTS_MAX == (int)FASTCGI_PARTS_MAX, "one is handed to the other");

int request_descriptor(const struct request *req)
{
	const struct request_connection *connection = req->connection;
	return connection->stream ? connection->stream->fd : connection->fcgi->ipcFd;
}

const char *request_cookie(struct request *req, const char *name)
{
	/* HTTP/2 may split the header; nginx joins it. Two Cookie headers in HTTP/1.1 are nobody's. */
	if (request_param_count(req, "HTTP_COOKIE") > 1)
		return NULL;
	return form_cookie(req->arena, request_param(req, "HTTP_COOKIE"), name);
}
