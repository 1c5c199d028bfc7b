/* The allow-list of pages to return to. */
#include "web/return_path.h"

#include <stdbool.h>
#include <string.h>

#include "base/status.h"

enum { PATH_MAX_BYTES = 200 };

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

static bool segment_is_own(const char *segment, size_t length)
{
	static const char *const pages[] = { "videos",	 "posts",    "calendar",
					     "accounts", "settings", "deletion" };
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		if (strlen(pages[i]) == length && strncmp(segment, pages[i], length) == 0)
			return true;
	}
	return false;
}

static bool is_own(const char *path)
{
	if (!path || path[0] != '/' || strlen(path) > PATH_MAX_BYTES)
		return false;
	const char *query = path + strcspn(path, "?");
	if (*query && query[1 + strspn(query + 1, LETTERS "=&.")] != '\0')
		return false;
	const char *segment = path + 1;
	if (segment == query)
		return true;
	if (!segment_is_own(segment, strspn(segment, LETTERS)))
		return false;
	/* Each slash is followed by letters: neither "//" nor a dot can occur. */
	while (segment < query) {
		size_t length = strspn(segment, LETTERS);
		if (length == 0 || (segment + length < query && segment[length] != '/'))
			return false;
		segment += length + 1;
	}
	return query[-1] != '/';
}

const char *return_path_or_home(const char *path)
{
	return is_own(path) ? path : "/";
}
