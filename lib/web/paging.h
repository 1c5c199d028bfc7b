/* Lists page by cursor: an opaque word that stands for the id of the last item seen. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct request;

enum { PAGING_STANDARD = 20, PAGING_MOST = 100 };

struct paging {
	int64_t cursor; /* the id; 0: from the beginning */
	int64_t limit;
};

/* The cursor for what comes behind id. */
const char *paging_cursor(struct arena *arena, int64_t id);

/* STATUS_INVALID when text is no cursor. */
MUST_CHECK enum status paging_cursor_parse(const char *text, int64_t *ret_id);

/* A query parameter, NULL when it is absent or empty. */
const char *paging_query(const struct request *req, const char *name);

/*
 * Read cursor and limit (1 to most; standard when not told) from the query. STATUS_INVALID with the
 * request's errors noted.
 */
MUST_CHECK enum status paging_read(struct request *req, int64_t standard, int64_t most,
				   struct paging *ret_paging);

/* Of limit + 1 items that were asked for: true, and count one less, when more follow the page. */
bool paging_trim(const struct paging *paging, size_t *count);
