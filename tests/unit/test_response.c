/* Answers: no header can be smuggled in, errors are told in one form, pages in one frame. */
#include "unit.h"

#include "base/json.h"
#include "web_request.h"

/* The value of the last header of that name in the arena, NULL when there is none. */
static const char *header_of(struct web_request *web, const char *name)
{
	const char *start = arena_printf(&web->arena, "%s: ", name), *value = NULL;
	const char *line = buf_text(&web->response.headers);
	while (*line) {
		size_t length = strcspn(line, "\r");
		assert_memory_equal(line + length, "\r\n", 2);
		if (strncmp(line, start, strlen(start)) == 0)
			value = arena_strndup(&web->arena, line + strlen(start),
					      length - strlen(start));
		line += length + 2;
	}
	return value;
}

static void a_header_is_a_line(void **state)
{
	(void)state;
	WEB_REQUEST(web);
	response_header(&web.response, "X-One", "1");
	response_header(&web.response, "X-Two", "Привет; \"x\"");
	response_header(&web.response, "X-Three", "");
	assert_false(web.response.broken);
	assert_string_equal(buf_text(&web.response.headers),
			    "X-One: 1\r\nX-Two: Привет; \"x\"\r\nX-Three: \r\n");
}

static void a_control_character_breaks_the_answer(void **state)
{
	(void)state;
	for (int byte = 1; byte < 128; byte++) {
		if (byte >= 0x20 && byte != 0x7f)
			continue;
		for (int where = 0; where < 2; where++) {
			WEB_REQUEST(web);
			char odd[] = { 'a', (char)byte, 'b', 0 };
			response_header(&web.response, "X-Before", "1");
			log_capture();
			response_header(&web.response, where ? odd : "X-Name",
					where ? "value" : odd);
			const char *log = log_captured(&web.arena);
			assert_true(web.response.broken);
			assert_contains(log, "header_refused");
			assert_int_equal(count_of(log, "\n"), 1);
			assert_string_equal(buf_text(&web.response.headers), "X-Before: 1\r\n");
			/* What comes later does not mend it. */
			response_header(&web.response, "X-After", "1");
			assert_true(web.response.broken);
		}
	}
}

/* As it was once done: a redirect target that carries a header which nginx obeys. */
static void a_redirect_cannot_carry_another_header(void **state)
{
	(void)state;
	WEB_REQUEST(web);
	log_capture();
	assert_status(
		response_redirect(&web.response, "/posts\r\nX-Accel-Redirect: /_media/parts/x"),
		STATUS_OK);
	log_captured(&web.arena);
	assert_true(web.response.broken);
	assert_null(header_of(&web, "X-Accel-Redirect"));
	assert_null(header_of(&web, "Location"));
}

static void too_many_headers_break_the_answer(void **state)
{
	(void)state;
	WEB_REQUEST(web);
	for (int i = 0; i < 2000; i++)
		response_header(&web.response, "X-Many", "0123456789");
	assert_false(buf_ok(&web.response.headers));
}

static void a_redirect_is_see_other_and_not_stored(void **state)
{
	(void)state;
	WEB_REQUEST(web);
	assert_status(response_redirect(&web.response, "/posts/7"), STATUS_OK);
	assert_int_equal(web.response.status, 303);
	assert_string_equal(header_of(&web, "Location"), "/posts/7");
	assert_string_equal(header_of(&web, "Cache-Control"), "no-store");
	assert_int_equal(web.response.body.length, 0);
}

static void a_cookie_is_locked_down(void **state)
{
	(void)state;
	WEB_REQUEST(web);
	response_cookie(&web.response, COOKIE_SESSION, "word", 3600, "Lax");
	assert_string_equal(
		header_of(&web, "Set-Cookie"),
		"__Host-spg=word; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=3600");
	response_cookie(&web.response, COOKIE_FORM, "", 0, "Strict");
	assert_string_equal(
		header_of(&web, "Set-Cookie"),
		"__Host-spg-form=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
	assert_false(web.response.broken);
}

static void a_cookie_that_does_not_fit_breaks_the_answer(void **state)
{
	(void)state;
	WEB_REQUEST(web);
	char *value = arena_alloc(&web.arena, 2001);
	memset(value, 'x', 2000);
	log_capture();
	response_cookie(&web.response, "name", value, 1, "Lax");
	const char *log = log_captured(&web.arena);
	assert_true(web.response.broken);
	assert_null(header_of(&web, "Set-Cookie"));
	assert_contains(log, "name=name");
	assert_lacks(log, "xxx");
}

static void json_is_not_stored(void **state)
{
	(void)state;
	WEB_REQUEST(web);
	CLEANUP(json_object_put) struct json_object *object = json_object_new_object();
	json_add_string(object, "url", "/videos/1/file");
	buf_puts(&web.response.body, "left over");
	assert_status(response_json(&web.response, 201, object), STATUS_OK);
	assert_int_equal(web.response.status, 201);
	assert_string_equal(header_of(&web, "Content-Type"), "application/json; charset=utf-8");
	assert_string_equal(header_of(&web, "Cache-Control"), "no-store");
	assert_string_equal(buf_text(&web.response.body), "{\"url\":\"/videos/1/file\"}");
}

static void an_empty_answer_has_no_body(void **state)
{
	(void)state;
	WEB_REQUEST(web);
	assert_status(response_empty(&web.response, 204), STATUS_OK);
	assert_int_equal(web.response.status, 204);
	assert_int_equal(web.response.body.length, 0);
	assert_string_equal(header_of(&web, "Cache-Control"), "no-store");
}

static void a_problem_lists_the_errors_of_the_request(void **state)
{
	(void)state;
	WEB_REQUEST(web);
	request_error(&web.request, "caption", "too_long", "The caption is too long: \"<b>\".");
	request_error(&web.request, "", "late", "Too late.");
	assert_status(response_problem(&web.request, &web.response, 422, "invalid_request", "No."),
		      STATUS_OK);
	assert_int_equal(web.response.status, 422);
	assert_string_equal(header_of(&web, "Content-Type"),
			    "application/problem+json; charset=utf-8");
	assert_string_equal(
		buf_text(&web.response.body),
		"{\"type\":\"about:blank\",\"title\":\"invalid_request\",\"status\":422,"
		"\"code\":\"invalid_request\",\"detail\":\"No.\",\"errors\":["
		"{\"field\":\"caption\",\"code\":\"too_long\",\"message\":\"The caption is too "
		"long: "
		"\\\"<b>\\\".\"},{\"field\":\"\",\"code\":\"late\",\"message\":\"Too late.\"}]}");
}

static void errors_beyond_the_limit_are_dropped(void **state)
{
	(void)state;
	WEB_REQUEST(web);
	for (int i = 0; i < 100; i++)
		request_error(&web.request, "f", "c", "m");
	assert_int_equal(web.request.error_count, REQUEST_ERRORS_MAX);
	assert_status(response_problem(&web.request, &web.response, 422, "c", "d"), STATUS_OK);
	assert_int_equal(count_of(buf_text(&web.response.body), "\"field\""), REQUEST_ERRORS_MAX);
}

static void a_page_stands_in_its_frame_with_everything_escaped(void **state)
{
	(void)state;
	WEB_REQUEST(web);
	CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
	json_add_string(view, "name", "<script>");
	web.request.csrf_token = "the-token";
	assert_status(response_page(&web.request, &web.response, 200, "A <title>",
				    "<p>{{name}}</p>", view),
		      STATUS_OK);
	const char *page = buf_text(&web.response.body);
	assert_int_equal(web.response.status, 200);
	assert_string_equal(header_of(&web, "Content-Type"), "text/html; charset=utf-8");
	assert_string_equal(header_of(&web, "Cache-Control"), "no-store");
	assert_memory_equal(page, "<!DOCTYPE html>", 15);
	assert_contains(page, "<p>&lt;script&gt;</p>");
	assert_contains(page, "A &lt;title&gt;");
	assert_contains(page, "&lt;App&gt; &amp; &quot;Co&quot;");
	assert_contains(page, "O&#39;Operator");
	assert_contains(page, "the-token");
	assert_contains(page, "</html>");
	assert_lacks(page, "<script>");
	assert_lacks(page, "{{");
}

static void the_frame_knows_who_is_signed_in(void **state)
{
	(void)state;
	for (int64_t user = 0; user < 2; user++) {
		WEB_REQUEST(web);
		CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
		web.request.user_id = user;
		assert_status(response_page(&web.request, &web.response, 200, "T", "", view),
			      STATUS_OK);
		const char *page = buf_text(&web.response.body);
		assert_int_equal(count_of(page, "action=\"/oauth/signout\""), user);
		assert_int_equal(count_of(page, "href=\"/videos\""), user);
	}
}

static void a_page_that_cannot_be_made_sets_no_status(void **state)
{
	(void)state;
	WEB_REQUEST(web);
	CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
	log_capture();
	enum status st = response_page(&web.request, &web.response, 200, "T", "{{absent}}", view);
	log_captured(&web.arena);
	assert_status(st, STATUS_BROKEN);
	assert_int_equal(web.response.status, 0);
	assert_string_equal(buf_text(&web.response.headers), "");
	/* The error page then takes its place. */
	assert_status(response_error(&web.request, &web.response, 500, "internal_error", "Sorry",
				     "Our fault."),
		      STATUS_OK);
	assert_int_equal(count_of(buf_text(&web.response.body), "<!DOCTYPE html>"), 1);
	assert_contains(buf_text(&web.response.body), "Our fault.");
}

static void an_error_is_a_page_or_for_the_api_a_problem(void **state)
{
	(void)state;
	WEB_REQUEST(page, "SPG_REQUEST_ID=req<1>");
	assert_status(response_error(&page.request, &page.response, 404, "not_found", "Not <found>",
				     "Nothing & nobody."),
		      STATUS_OK);
	assert_int_equal(page.response.status, 404);
	assert_contains(buf_text(&page.response.body), "<h1>Not &lt;found&gt;</h1>");
	assert_contains(buf_text(&page.response.body), "Nothing &amp; nobody.");
	assert_contains(buf_text(&page.response.body), "<code>req&lt;1&gt;</code>");

	WEB_REQUEST(bare);
	assert_status(response_error(&bare.request, &bare.response, 404, "not_found", "T", "M"),
		      STATUS_OK);
	assert_lacks(buf_text(&bare.response.body), "name the request");

	WEB_REQUEST(api);
	api.request.is_api = true;
	assert_status(
		response_error(&api.request, &api.response, 404, "not_found", "Title", "Message"),
		STATUS_OK);
	assert_int_equal(api.response.status, 404);
	assert_string_equal(header_of(&api, "Content-Type"),
			    "application/problem+json; charset=utf-8");
	assert_contains(buf_text(&api.response.body), "\"detail\":\"Message\"");
}

static void a_file_is_delivered_by_nginx(void **state)
{
	(void)state;
	WEB_REQUEST(web);
	assert_status(response_file(&web.response,
				    &(struct response_file){
					    .address = "/_media/videos/AAAAAAAAAAAAAAAAAAAAAA",
					    .content_type = "video/mp4",
					    .disposition = "inline; filename=\"video.mp4\"",
					    .cache_control = "no-store" }),
		      STATUS_OK);
	assert_int_equal(web.response.status, 200);
	assert_string_equal(header_of(&web, "X-Accel-Redirect"),
			    "/_media/videos/AAAAAAAAAAAAAAAAAAAAAA");
	assert_string_equal(header_of(&web, "Content-Type"), "video/mp4");
	assert_string_equal(header_of(&web, "Content-Disposition"),
			    "inline; filename=\"video.mp4\"");
	assert_string_equal(header_of(&web, "Cache-Control"), "no-store");
	assert_int_equal(web.response.body.length, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_a_line),
		cmocka_unit_test(a_control_character_breaks_the_answer),
		cmocka_unit_test(a_redirect_cannot_carry_another_header),
		cmocka_unit_test(too_many_headers_break_the_answer),
		cmocka_unit_test(a_redirect_is_see_other_and_not_stored),
		cmocka_unit_test(a_cookie_is_locked_down),
		cmocka_unit_test(a_cookie_that_does_not_fit_breaks_the_answer),
		cmocka_unit_test(json_is_not_stored),
		cmocka_unit_test(an_empty_answer_has_no_body),
		cmocka_unit_test(a_problem_lists_the_errors_of_the_request),
		cmocka_unit_test(errors_beyond_the_limit_are_dropped),
		cmocka_unit_test(a_page_stands_in_its_frame_with_everything_escaped),
		cmocka_unit_test(the_frame_knows_who_is_signed_in),
		cmocka_unit_test(a_page_that_cannot_be_made_sets_no_status),
		cmocka_unit_test(an_error_is_a_page_or_for_the_api_a_problem),
		cmocka_unit_test(a_file_is_delivered_by_nginx),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
