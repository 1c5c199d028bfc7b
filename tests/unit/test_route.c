/* Routes: by method and path alone, exactly. */
#include "unit.h"

#include "web/route.h"
#include "web/serve.h"

static enum status answer(struct request *req, struct response *res)
{
	(void)req;
	(void)res;
	return STATUS_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/", .handler = answer },
	{ .method = "GET", .path = "/posts", .handler = answer },
	{ .method = "GET", .path = "/posts/new", .handler = answer },
	{ .method = "GET", .path = "/posts/{id}", .handler = answer },
	{ .method = "POST", .path = "/posts/{id}/cancel", .handler = answer },
	{ .method = "GET", .path = "/api/v1/posts", .handler = answer },
	{ .method = "POST", .path = "/api/v1/posts", .handler = answer },
	{ .method = "HEAD", .path = "/uploads/{id}", .handler = answer, .allow_override = true },
	{ .method = "PATCH", .path = "/uploads/{id}", .handler = answer, .allow_override = true },
	{ .method = "GET", .path = "/both", .handler = answer },
	{ .method = "HEAD", .path = "/both", .handler = answer },
};
static const struct service service = { .name = "test",
					.routes = routes,
					.route_count = ARRAY_SIZE(routes) };

/* wanted: "METHOD PATTERN ID", with "-" for no id; NULL where no route is to answer. */
static void assert_route(const char *method, const char *path, const char *wanted)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct route_match match = route_find(&arena, &service, method, path);
	if (!wanted) {
		if (match.route)
			fail_msg("%s %s is answered by %s", method, path, match.route->path);
		assert_null(match.id);
		return;
	}
	if (!match.route)
		fail_msg("%s %s is not answered", method, path);
	assert_true(match.path_known);
	assert_string_equal(arena_printf(&arena, "%s %s %s", match.route->method, match.route->path,
					 match.id ? match.id : "-"),
			    wanted);
}

static void assert_unknown(const char *path)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct route_match match = route_find(&arena, &service, "GET", path);
	if (match.path_known)
		fail_msg("%s is known", path);
	assert_null(match.route);
	assert_string_equal(match.allow, "");
}

static void assert_allow(const char *path, const char *wanted)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct route_match match = route_find(&arena, &service, "BREW", path);
	assert_null(match.route);
	assert_true(match.path_known);
	assert_string_equal(match.allow, wanted);
}

static void a_path_and_method_find_their_route(void **state)
{
	(void)state;
	assert_route("GET", "/", "GET / -");
	assert_route("GET", "/posts", "GET /posts -");
	assert_route("GET", "/api/v1/posts", "GET /api/v1/posts -");
	assert_route("POST", "/api/v1/posts", "POST /api/v1/posts -");
}

static void an_id_is_one_segment(void **state)
{
	(void)state;
	assert_route("GET", "/posts/17", "GET /posts/{id} 17");
	assert_route("POST", "/posts/17/cancel", "POST /posts/{id}/cancel 17");
	assert_route("GET", "/posts/a.b-c_d~", "GET /posts/{id} a.b-c_d~");
	assert_unknown("/posts/");
	assert_unknown("/posts//");
	assert_unknown("/posts//cancel");
	assert_unknown("/posts/17/");
	assert_unknown("/posts/17/18");
	assert_unknown("/posts/17/cancel/");
	assert_unknown("/posts/17/cancelx");
	assert_unknown("/posts/17/18/cancel");
}

static void an_exact_path_listed_first_wins_over_an_id(void **state)
{
	(void)state;
	assert_route("GET", "/posts/new", "GET /posts/new -");
	assert_route("GET", "/posts/new2", "GET /posts/{id} new2");
}

/* nginx has decoded and normalised the path: here it is compared as it is, and never decoded again.
 */
static void nothing_is_decoded_or_normalised(void **state)
{
	(void)state;
	assert_route("GET", "/posts/%31", "GET /posts/{id} %31");
	assert_route("GET", "/posts/a%2Fcancel", "GET /posts/{id} a%2Fcancel");
	assert_route("GET", "/posts/..", "GET /posts/{id} ..");
	assert_route("GET", "/posts/{id}", "GET /posts/{id} {id}");
	assert_unknown("/%70osts");
	assert_unknown("//");
	assert_unknown("/posts/../posts");
	assert_unknown("/Posts");
	assert_unknown("/posts?x");
	assert_unknown("/posts ");
	assert_unknown("");
	assert_unknown("posts");
	assert_unknown("/api/v1/posts/");
	assert_unknown("/api");
}

static void head_is_served_by_get(void **state)
{
	(void)state;
	assert_route("HEAD", "/", "GET / -");
	assert_route("HEAD", "/posts/17", "GET /posts/{id} 17");
	assert_route("HEAD", "/both", "HEAD /both -");
	assert_route("HEAD", "/uploads/x", "HEAD /uploads/{id} x");
	assert_route("GET", "/both", "GET /both -");
	assert_route("HEAD", "/posts/17/cancel", NULL);
}

static void another_method_is_not_allowed(void **state)
{
	(void)state;
	assert_route("POST", "/posts", NULL);
	assert_route("DELETE", "/posts/17", NULL);
	assert_route("GET", "/posts/17/cancel", NULL);
	assert_route("get", "/", NULL);
	assert_route("", "/", NULL);
	assert_route("GETX", "/", NULL);
	assert_route("GE", "/", NULL);
	assert_allow("/", "GET, HEAD");
	assert_allow("/api/v1/posts", "GET, HEAD, POST");
	assert_allow("/posts/17/cancel", "POST");
	assert_allow("/uploads/x", "HEAD, PATCH");
}

static void allow_names_each_method_once(void **state)
{
	(void)state;
	assert_allow("/posts/new", "GET, HEAD");
	assert_allow("/both", "GET, HEAD");
}

static void only_routes_that_ask_for_it_are_overridden(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_true(route_find(&arena, &service, "POST", "/uploads/x").allow_override);
	assert_true(route_find(&arena, &service, "PATCH", "/uploads/x").allow_override);
	assert_false(route_find(&arena, &service, "POST", "/posts/17/cancel").allow_override);
	assert_false(route_find(&arena, &service, "POST", "/nowhere").allow_override);
}

static void a_service_without_routes_knows_nothing(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct service none = { .name = "none" };
	assert_false(route_find(&arena, &none, "GET", "/").path_known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_and_method_find_their_route),
		cmocka_unit_test(an_id_is_one_segment),
		cmocka_unit_test(an_exact_path_listed_first_wins_over_an_id),
		cmocka_unit_test(nothing_is_decoded_or_normalised),
		cmocka_unit_test(head_is_served_by_get),
		cmocka_unit_test(another_method_is_not_allowed),
		cmocka_unit_test(allow_names_each_method_once),
		cmocka_unit_test(only_routes_that_ask_for_it_are_overridden),
		cmocka_unit_test(a_service_without_routes_knows_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
