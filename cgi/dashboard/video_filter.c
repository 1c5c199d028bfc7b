/* Reading filters. */
#include "dashboard/video_filter.h"

#include <string.h>

#include "base/utf8.h"
#include "web/request.h"

enum { TEXT_MAX_BYTES = 400 };

static const char *read_state(struct request *req)
{
	const char *state = paging_query(req, "state");
	if (state && strcmp(state, "checking") != 0 && strcmp(state, "ready") != 0 &&
	    strcmp(state, "refused") != 0)
		request_error(req, "state", "unknown_state",
			      "Must be \"checking\", \"ready\" or \"refused\".");
	return state;
}

static const char *read_text(struct request *req, const char *name)
{
	const char *text = paging_query(req, name);
	if (text && (strlen(text) > TEXT_MAX_BYTES || !utf8_is_printable(text, /* lines= */ false)))
		request_error(req, name, "text_invalid", "Must be one line of at most 400 bytes.");
	return text;
}

static enum video_use read_use(struct request *req)
{
	const char *used = paging_query(req, "used");
	if (!used)
		return VIDEO_ANY_USE;
	if (strcmp(used, "yes") == 0)
		return VIDEO_USED;
	if (strcmp(used, "no") != 0)
		request_error(req, "used", "unknown_choice", "Must be \"yes\" or \"no\".");
	return VIDEO_NEVER_USED;
}

static bool read_duplicates(struct request *req)
{
	const char *duplicates = paging_query(req, "duplicates");
	if (duplicates && strcmp(duplicates, "yes") != 0)
		request_error(req, "duplicates", "unknown_choice", "Must be \"yes\".");
	return duplicates != NULL;
}

static enum video_sort read_sort(struct request *req)
{
	const char *name = paging_query(req, "sort");
	for (enum video_sort sort = VIDEO_NEWEST; name && sort < VIDEO_SORT_COUNT; sort++) {
		if (strcmp(video_sort_name(sort), name) == 0)
			return sort;
	}
	if (name)
		request_error(req, "sort", "unknown_sort",
			      "Must be \"newest\", \"largest\" or \"name\".");
	return VIDEO_NEWEST;
}

enum status video_filter_read(struct request *req, struct paging *ret_paging,
			      struct video_filter *ret_filter)
{
	struct video_filter filter = {
		.state = read_state(req),
		.text = read_text(req, "q"),
		.tag = read_text(req, "tag"),
		.use = read_use(req),
		.duplicates = read_duplicates(req),
		.sort = read_sort(req),
	};
	enum status st = paging_read(req, PAGING_STANDARD, PAGING_MOST, ret_paging);
	if (st != STATUS_OK)
		return st;
	filter.after = ret_paging->cursor;
	filter.limit = ret_paging->limit + 1;
	*ret_filter = filter;
	return STATUS_OK;
}
