/* Access to a request's parts. */
#include "web/request.h"

#include <poll.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/number.h"
#include "web/connection.h"
#include "web/pool.h"

const char *request_param(struct request *req, const char *name)
{
	const char *value = FCGX_GetParam(name, req->connection->fcgi->envp);
	return value ? arena_strdup(req->arena, value) : NULL;
}

int request_param_count(struct request *req, const char *name)
{
	int count = 0;
	size_t length = strlen(name);
	for (char **entry = req->connection->fcgi->envp; entry && *entry; entry++) {
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

/* True when a read would not have to wait for the client. */
static bool input_is_there(const struct request_connection *connection)
{
	struct pollfd input = { .fd = connection->fcgi->ipcFd, .events = POLLIN };
	return connection->fcgi->in->rdNext < connection->fcgi->in->stop || poll(&input, 1, 0) > 0;
}

/*
 * FCGX_GetStr waits until it has all that was asked for. So take what its buffer holds, and wait for
 * one byte only where it is empty and the caller has nothing yet: a slow client's bytes then reach
 * the disk as they come.
 */
static size_t input_take(FCGX_Stream *in, char *bytes, size_t size)
{
	size_t held = (size_t)(in->stop - in->rdNext);
	size_t wanted = held == 0 ? 1 : held < size ? held : size;
	int got = FCGX_GetStr(bytes, (int)wanted, in);
	return got > 0 ? (size_t)got : 0;
}

enum status request_read(struct request *req, void *bytes, size_t size, size_t *ret_length)
{
	struct request_connection *connection = req->connection;
	*ret_length = 0;
	if (connection->cut)
		return STATUS_RETRY;
	if (connection->body_left == 0 || size == 0)
		return STATUS_OK;
	size_t length = 0, got;
	do {
		got = input_take(connection->fcgi->in, (char *)bytes + length, size - length);
		length += got;
	} while (got > 0 && length < size && input_is_there(connection));
	*ret_length = length;
	if (connection->body_left > 0)
		connection->body_left -= (int64_t)length;
	if (length > 0)
		return STATUS_OK;
	/* The end: clean only without an error and, where the length was told, with all of it (B50). */
	connection->cut = FCGX_GetError(connection->fcgi->in) != 0 || connection->body_left > 0;
	return connection->cut ? STATUS_RETRY : STATUS_OK;
}

int request_descriptor(const struct request *req)
{
	return req->connection->fcgi->ipcFd;
}

const char *request_cookie(struct request *req, const char *name)
{
	/* HTTP/2 may split the header; nginx joins it. Two Cookie headers in HTTP/1.1 are nobody's. */
	if (request_param_count(req, "HTTP_COOKIE") > 1)
		return NULL;
	return form_cookie(req->arena, request_param(req, "HTTP_COOKIE"), name);
}
