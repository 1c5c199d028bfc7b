/* Which handler answers a request, found by method and path alone. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct route;
struct service;

struct route_match {
	const struct route *route; /* NULL: none */
	const char *id;		   /* the {id} segment, NULL when the route has none */
	bool path_known;	   /* the path has a route, but not for this method: 405 */
	bool allow_override;	   /* the path obeys X-HTTP-Method-Override, whatever the method */
	const char *allow;	   /* the methods that it has, for the Allow header */
};

/* Find the route of service for method and path; strings of the result live in the arena. */
struct route_match route_find(struct arena *arena, const struct service *service,
			      const char *method, const char *path);
