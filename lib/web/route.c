/* The route table, read from top to bottom. */
#include "web/route.h"

#include <string.h>

#include "base/arena.h"
#include "web/serve.h"

static const char placeholder[] = "{id}";

static bool path_matches(struct arena *arena, const char *pattern, const char *path,
			 const char **ret_id)
{
	const char *hole = strstr(pattern, placeholder);
	*ret_id = NULL;
	if (!hole)
		return strcmp(pattern, path) == 0;
	size_t before = (size_t)(hole - pattern);
	if (strncmp(pattern, path, before) != 0)
		return false;
	size_t length = strcspn(path + before, "/");
	if (length == 0 || strcmp(path + before + length, hole + strlen(placeholder)) != 0)
		return false;
	*ret_id = arena_strndup(arena, path + before, length);
	return true;
}

static bool method_matches(const struct service *service, const struct route *route,
			   const char *method)
{
	if (strcmp(route->method, method) == 0)
		return true;
	if (strcmp(method, "HEAD") != 0 || strcmp(route->method, "GET") != 0)
		return false;
	for (size_t i = 0; i < service->route_count; i++) {
		const struct route *other = &service->routes[i];
		if (strcmp(other->path, route->path) == 0 && strcmp(other->method, "HEAD") == 0)
			return false;
	}
	return true;
}

/* Several routes may match one path: each method is named once. */
static const char *allow_add(struct arena *arena, const char *allow, const char *method)
{
	size_t length = strlen(method);
	for (const char *word = allow; *word; word += strspn(word, ", ")) {
		size_t part = strcspn(word, ",");
		if (part == length && strncmp(word, method, length) == 0)
			return allow;
		word += part;
	}
	return arena_printf(arena, "%s%s%s", allow, *allow ? ", " : "", method);
}

struct route_match route_find(struct arena *arena, const struct service *service,
			      const char *method, const char *path)
{
	struct route_match match = { .allow = "" };
	for (size_t i = 0; i < service->route_count; i++) {
		const struct route *route = &service->routes[i];
		const char *id;
		if (!path_matches(arena, route->path, path, &id))
			continue;
		match.path_known = true;
		match.allow_override = match.allow_override || route->allow_override;
		match.allow = allow_add(arena, match.allow, route->method);
		if (strcmp(route->method, "GET") == 0)
			match.allow = allow_add(arena, match.allow, "HEAD");
		if (!match.route && method_matches(service, route, method)) {
			match.route = route;
			match.id = id;
		}
	}
	return match;
}
