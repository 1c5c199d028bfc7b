/* Storage, and videos from addresses and drop folders, by the API. */
#include "dashboard/dashboard.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "store/import_list.h"
#include "store/storage.h"
#include "web/paging.h"
#include "web/request.h"
#include "web/response.h"
#include "web/view_library.h"

enum status api_storage(struct request *req, struct response *res)
{
	struct db *db;
	struct storage storage;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = storage_read(db, req->arena, req->user_id, &storage);
	if (st != STATUS_OK)
		return st;
	CLEANUP(json_object_put)
	struct json_object *view = view_storage(req->arena, req->config, &storage, VIEW_API);
	return response_json(res, 200, view);
}

enum status api_imports(struct request *req, struct response *res)
{
	struct db *db;
	struct paging paging;
	struct import_item *imports;
	size_t count;
	enum status st = paging_read(req, PAGING_STANDARD, PAGING_MOST, &paging);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = import_list(db, req->arena, req->user_id, paging.cursor, paging.limit + 1,
				 &imports, &count);
	if (st != STATUS_OK)
		return st;
	const char *next = paging_trim(&paging, &count)
				   ? paging_cursor(req->arena, imports[count - 1].id)
				   : NULL;
	CLEANUP(json_object_put)
	struct json_object *view =
		view_list(view_imports(req->arena, imports, count, VIEW_API), next);
	return response_json(res, 200, view);
}

static enum status answer_import(struct request *req, struct response *res, struct db *db,
				 int64_t id, int status)
{
	struct import_item import;
	enum status st = import_get(db, req->arena, req->user_id, id, &import);
	if (st != STATUS_OK)
		return st;
	CLEANUP(json_object_put)
	struct json_object *view = view_import(req->arena, &import, VIEW_API);
	return response_json(res, status, view);
}

enum status api_import(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	return st == STATUS_OK ? answer_import(req, res, db, id, 200) : st;
}

/* The one origin besides https that an operator may allow, for trying things out. */
static bool is_of_test_origin(const struct config *config, const char *url)
{
	const char *origin = config->import_test_origin;
	size_t length = origin ? strlen(origin) : 0;
	return length > 0 && strncmp(url, origin, length) == 0 && url[length] == '/';
}

/*
 * RFC 3986 in a coarse way: what the importer connects to, it checks itself. No user and password:
 * addresses are shown on pages.
 */
static bool is_address(const char *url)
{
	static const char scheme[] = "https://";
	size_t length = strlen(url);
	if (length > IMPORT_ADDRESS_MAX || strncasecmp(url, scheme, strlen(scheme)) != 0)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (url[i] <= ' ' || url[i] > '~' || strchr("\"<>\\^`{|}", url[i]))
			return false;
	}
	const char *host = url + strlen(scheme);
	size_t host_length = strcspn(host, "/?#");
	return host_length > 0 && *host != ':' && !memchr(host, '@', host_length);
}

static const char *read_url(struct request *req)
{
	const char *url = NULL;
	enum status st = json_get_string(req->json, "url", &url);
	if (st == STATUS_NOT_FOUND)
		request_error(req, "url", "missing", "Say where the video is.");
	else if (st != STATUS_OK)
		request_error(req, "url", "wrong_type", "Must be text.");
	else if (strlen(url) > IMPORT_ADDRESS_MAX ||
		 (!is_address(url) && !is_of_test_origin(req->config, url)))
		request_error(req, "url", "address_invalid",
			      "Must be an address that begins with https://, without user and "
			      "password, of at most 2048 characters.");
	return url;
}

enum status api_import_ask(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	if (!req->config->import_from_url)
		return response_problem(req, res, 403, "import_off",
					"This site fetches no videos from addresses.");
	if (!json_is_there(req, res))
		return STATUS_OK;
	const char *url = read_url(req);
	if (req->error_count)
		return STATUS_INVALID;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = import_ask(db, req->arena, req->user_id, url, &id);
	if (st == STATUS_CONFLICT) {
		response_header(res, "Retry-After", "60");
		return response_problem(req, res, 429, "too_many_imports",
					"20 addresses are still to be fetched. Wait until some of "
					"them are done, or cancel some.");
	}
	if (st != STATUS_OK)
		return st;
	response_header(res, "Location", arena_printf(req->arena, "/api/v1/imports/%" PRId64, id));
	return answer_import(req, res, db, id, 201);
}

enum status api_import_forget(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = import_forget(db, req->arena, req->user_id, id);
	if (st == STATUS_CONFLICT)
		return response_problem(req, res, 409, "drop_file_waits",
					"This file lies in your drop folder. Take it out of there, "
					"or wait until it has been read.");
	return st == STATUS_OK ? response_empty(res, 204) : st;
}
