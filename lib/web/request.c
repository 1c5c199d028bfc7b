/* Access to a request's parts. */
#include "web/request.h"

#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/number.h"
#include "store/db.h"
#include "web/connection.h"

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
		enum status st =
			db_open(worker->config->database, worker->service->name, &worker->db);
		if (st != STATUS_OK)
			return STATUS_RETRY;
	}
	*ret_db = worker->db;
	return STATUS_OK;
}

void request_error(struct request *req, const char *field, const char *code, const char *message)
{
	if (req->error_count < REQUEST_ERRORS_MAX)
		req->errors[req->error_count++] = (struct request_error){ field, code, message };
}

enum status request_read(struct request *req, void *bytes, size_t size, size_t *ret_length)
{
	struct request_connection *connection = req->connection;
	*ret_length = 0;
	if (connection->cut)
		return STATUS_RETRY;
	if (connection->body_left == 0)
		return STATUS_OK;
	FCGX_Stream *in = connection->fcgi->in;
	/*
	 * FCGX_GetStr waits until it has all that was asked for: take what its buffer holds, and wait
	 * for one byte only when it is empty, so that a slow client's bytes reach the disk as they come.
	 */
	int wanted = size > INT32_MAX ? INT32_MAX : (int)size;
	int held = (int)(in->stop - in->rdNext);
	int first = FCGX_GetStr(bytes, held > 0 ? (held < wanted ? held : wanted) : 1, in);
	int length = first;
	held = (int)(in->stop - in->rdNext);
	if (first == 1 && held > 0 && wanted > 1)
		length += FCGX_GetStr((char *)bytes + 1, held < wanted - 1 ? held : wanted - 1, in);
	*ret_length = length > 0 ? (size_t)length : 0;
	if (connection->body_left > 0)
		connection->body_left -= (int64_t)*ret_length;
	if (*ret_length > 0)
		return STATUS_OK;
	/* The end: clean only without an error and, where the length was told, with all of it (B50). */
	connection->cut = FCGX_GetError(in) != 0 || connection->body_left > 0;
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
