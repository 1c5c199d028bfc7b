/* Reading filters. */
#include "dashboard/post_filter.h"

#include <string.h>

#include "base/arena.h"
#include "base/number.h"
#include "web/request.h"

/* "scheduled,held" as names. */
static void read_states(struct request *req, const char *text, struct post_filter *filter)
{
	const char **states = arena_alloc(req->arena, POST_STATE_COUNT * sizeof(*states));
	for (;;) {
		enum post_state state;
		size_t length = strcspn(text, ",");
		const char *name = arena_strndup(req->arena, text, length);
		if (filter->state_count == POST_STATE_COUNT ||
		    post_state_parse(name, &state) != STATUS_OK) {
			request_error(
				req, "state", "unknown_state",
				"Must be a state of posts, such as scheduled, or several with "
				"commas between them.");
			return;
		}
		states[filter->state_count++] = name;
		if (text[length] == '\0')
			break;
		text += length + 1;
	}
	filter->states = states;
}

/* The '+' of an offset arrives as a blank when it was not escaped. */
static const char *read_moment(struct request *req, const char *name)
{
	const char *text = paging_query(req, name);
	if (!text)
		return NULL;
	char *copy = arena_strdup(req->arena, text);
	for (char *blank = strchr(copy, ' '); blank; blank = strchr(blank, ' '))
		*blank = '+';
	if (!when_is_rfc3339(copy))
		request_error(req, name, "malformed_time",
			      "Must be a time with its offset, like 2026-11-22T14:05:00Z.");
	return copy;
}

enum status post_filter_read(struct request *req, struct paging *ret_paging,
			     struct post_filter *ret_filter)
{
	struct post_filter filter = { 0 };
	const char *states = paging_query(req, "state");
	const char *account = paging_query(req, "account");
	if (states)
		read_states(req, states, &filter);
	if (account && number_parse(account, 1, INT64_MAX, &filter.account_id) != STATUS_OK)
		request_error(req, "account", "unknown_account", "Must be the id of an account.");
	const char *video = paging_query(req, "video");
	if (video && number_parse(video, 1, INT64_MAX, &filter.video_id) != STATUS_OK)
		request_error(req, "video", "unknown_video", "Must be the id of a video.");
	filter.from = read_moment(req, "from");
	filter.to = read_moment(req, "to");
	enum status st = paging_read(req, PAGING_STANDARD, PAGING_MOST, ret_paging);
	if (st != STATUS_OK)
		return st;
	filter.before = ret_paging->cursor;
	filter.limit = ret_paging->limit + 1;
	*ret_filter = filter;
	return STATUS_OK;
}
