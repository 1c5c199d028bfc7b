/* Cursors and limits. */
#include "web/paging.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/number.h"
#include "web/request.h"

static const char prefix = 'c';

const char *paging_cursor(struct arena *arena, int64_t id)
{
	return arena_printf(arena, "%c%" PRId64, prefix, id);
}

enum status paging_cursor_parse(const char *text, int64_t *ret_id)
{
	return *text == prefix ? number_parse(text + 1, 1, INT64_MAX, ret_id) : STATUS_INVALID;
}

const char *paging_query(const struct request *req, const char *name)
{
	const char *value = form_get(&req->query, name);
	return value && *value ? value : NULL;
}

enum status paging_read(struct request *req, int64_t standard, int64_t most,
			struct paging *ret_paging)
{
	struct paging paging = { 0, standard };
	const char *cursor = paging_query(req, "cursor");
	const char *limit = paging_query(req, "limit");
	if (cursor && paging_cursor_parse(cursor, &paging.cursor) != STATUS_OK)
		request_error(req, "cursor", "cursor_invalid",
			      "Use the next_cursor of an earlier answer.");
	if (limit && number_parse(limit, 1, most, &paging.limit) != STATUS_OK)
		request_error(
			req, "limit", "limit_invalid",
			arena_printf(req->arena, "Must be a number from 1 to %" PRId64 ".", most));
	if (req->error_count)
		return STATUS_INVALID;
	*ret_paging = paging;
	return STATUS_OK;
}

bool paging_trim(const struct paging *paging, size_t *count)
{
	if (*count <= (size_t)paging->limit)
		return false;
	*count = (size_t)paging->limit;
	return true;
}
