/* Protection of changes against other sites, and what the cookies mean. */
#include "unit.h"

#include "base/token.h"
#include "web/csrf.h"
#include "web_request.h"

/* Two well-formed words of 43 characters. */
#define SESSION "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define FORM	"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"

static const char *session_token(struct web_request *web)
{
	return token_derive(&web->arena, "csrf of session", SESSION);
}

/* The log of a refusal names the route and neither token nor cookie. */
static void assert_verdict(struct web_request *web, enum status wanted)
{
	log_capture();
	enum status st = csrf_check(&web->request);
	const char *log = log_captured(&web->arena);
	assert_status(st, wanted);
	assert_lacks(log, SESSION);
	assert_lacks(log, FORM);
	assert_lacks(log, web->request.csrf_token);
	assert_int_equal(count_of(log, "path=/posts\n"), wanted == STATUS_OK ? 0 : 1);
}

static void the_session_cookie_gives_the_token(void **state)
{
	(void)state;
	WEB_REQUEST(web, "HTTP_COOKIE=__Host-spg=" SESSION "; __Host-spg-form=" FORM);
	csrf_load(&web.request);
	assert_string_equal(web.request.session_id, SESSION);
	assert_string_equal(web.request.csrf_token, session_token(&web));
	assert_null(web.request.new_form_cookie);
}

static void without_a_session_the_form_cookie_gives_it(void **state)
{
	(void)state;
	WEB_REQUEST(web, "HTTP_COOKIE=__Host-spg-form=" FORM);
	csrf_load(&web.request);
	assert_null(web.request.session_id);
	assert_string_equal(web.request.csrf_token, token_derive(&web.arena, "csrf of form", FORM));
	assert_null(web.request.new_form_cookie);
}

static void without_either_a_new_form_cookie_is_made(void **state)
{
	(void)state;
	const char *first;
	{
		WEB_REQUEST(web, "REQUEST_METHOD=GET");
		csrf_load(&web.request);
		assert_null(web.request.session_id);
		assert_true(token_is_word(web.request.new_form_cookie));
		assert_string_equal(
			web.request.csrf_token,
			token_derive(&web.arena, "csrf of form", web.request.new_form_cookie));
		first = strdup(web.request.new_form_cookie);
	}
	WEB_REQUEST(web, "REQUEST_METHOD=GET");
	csrf_load(&web.request);
	assert_string_not_equal(web.request.new_form_cookie, first);
	free((void *)(uintptr_t)first);
}

static void a_malformed_or_doubled_cookie_is_none(void **state)
{
	(void)state;
	static const char *const cookies[] = {
		"HTTP_COOKIE=__Host-spg=short",
		"HTTP_COOKIE=__Host-spg=",
		("HTTP_COOKIE=__Host-spg=" SESSION "A"),
		("HTTP_COOKIE=__Host-spg=" SESSION " "),
		("HTTP_COOKIE=__Host-spg=\"" SESSION "\""),
		"HTTP_COOKIE=__Host-spg=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/",
		("HTTP_COOKIE=__Host-spg=" SESSION "; __Host-spg=" SESSION),
		("HTTP_COOKIE=__Host-spg=" SESSION "; __Host-spg=" FORM),
		("HTTP_COOKIE=__Host-spg-form=" SESSION "; __Host-spg-form=" FORM),
		("HTTP_COOKIE=__host-spg=" SESSION),
		"HTTP_COOKIE=",
	};
	for (size_t i = 0; i < ARRAY_SIZE(cookies); i++) {
		WEB_REQUEST(web, cookies[i]);
		csrf_load(&web.request);
		assert_null(web.request.session_id);
		assert_non_null(web.request.new_form_cookie);
	}
	WEB_REQUEST(web, "HTTP_COOKIE=__Host-spg=" SESSION, "HTTP_COOKIE=a=b");
	csrf_load(&web.request);
	assert_null(web.request.session_id);
}

/* With a form cookie planted by somebody else, a session still has its own token. */
static void the_tokens_of_session_and_form_differ(void **state)
{
	(void)state;
	WEB_REQUEST(web, "HTTP_COOKIE=__Host-spg-form=" SESSION);
	csrf_load(&web.request);
	assert_string_not_equal(web.request.csrf_token, session_token(&web));
}

static void the_right_token_passes_as_header_or_field(void **state)
{
	(void)state;
	WEB_REQUEST(header, "HTTP_COOKIE=__Host-spg=" SESSION);
	csrf_load(&header.request);
	const char *parameters[] = {
		"HTTP_COOKIE=__Host-spg=" SESSION,
		arena_printf(&header.arena, "HTTP_X_CSRF_TOKEN=%s", header.request.csrf_token), NULL
	};
	header.connection.params = (char **)(uintptr_t)parameters;
	assert_verdict(&header, STATUS_OK);

	WEB_REQUEST(field, "HTTP_COOKIE=__Host-spg=" SESSION);
	csrf_load(&field.request);
	struct form_field fields[] = { { "csrf_token", field.request.csrf_token } };
	field.request.form = (struct form){ fields, 1 };
	assert_verdict(&field, STATUS_OK);
}

static void a_missing_or_wrong_token_is_denied(void **state)
{
	(void)state;
	WEB_REQUEST(missing, "HTTP_COOKIE=__Host-spg=" SESSION);
	csrf_load(&missing.request);
	assert_verdict(&missing, STATUS_DENIED);

	static const char *const wrong[] = { "HTTP_X_CSRF_TOKEN=", "HTTP_X_CSRF_TOKEN=" SESSION,
					     "HTTP_X_CSRF_TOKEN=" FORM, "HTTP_X_CSRF_TOKEN=x" };
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		WEB_REQUEST(web, "HTTP_COOKIE=__Host-spg=" SESSION, wrong[i]);
		csrf_load(&web.request);
		/* The right one in a field does not make up for a wrong one in the header. */
		struct form_field fields[] = { { "csrf_token", web.request.csrf_token } };
		web.request.form = (struct form){ fields, 1 };
		assert_verdict(&web, STATUS_DENIED);
	}

	/* Almost the right one. */
	WEB_REQUEST(web, "HTTP_COOKIE=__Host-spg=" SESSION);
	csrf_load(&web.request);
	char *almost = arena_strdup(&web.arena, web.request.csrf_token);
	almost[42] = almost[42] == 'A' ? 'B' : 'A';
	struct form_field fields[] = { { "csrf_token", almost } };
	web.request.form = (struct form){ fields, 1 };
	assert_verdict(&web, STATUS_DENIED);
}

static void the_token_of_a_query_does_not_count(void **state)
{
	(void)state;
	WEB_REQUEST(web, "HTTP_COOKIE=__Host-spg=" SESSION);
	csrf_load(&web.request);
	struct form_field fields[] = { { "csrf_token", web.request.csrf_token } };
	web.request.query = (struct form){ fields, 1 };
	assert_verdict(&web, STATUS_DENIED);
}

static void a_doubled_header_is_denied(void **state)
{
	(void)state;
	WEB_REQUEST(web, "HTTP_COOKIE=__Host-spg=" SESSION);
	csrf_load(&web.request);
	const char *right =
		arena_printf(&web.arena, "HTTP_X_CSRF_TOKEN=%s", web.request.csrf_token);
	const char *parameters[] = { right, right, NULL };
	web.connection.params = (char **)(uintptr_t)parameters;
	assert_verdict(&web, STATUS_DENIED);
}

/* A cookie that was made just now cannot have been in the page that was sent. */
static void a_browser_without_cookies_is_denied(void **state)
{
	(void)state;
	WEB_REQUEST(web, "REQUEST_METHOD=POST");
	csrf_load(&web.request);
	struct form_field fields[] = { { "csrf_token", web.request.csrf_token } };
	web.request.form = (struct form){ fields, 1 };
	assert_verdict(&web, STATUS_DENIED);
}

static void another_site_is_denied_even_with_the_right_token(void **state)
{
	(void)state;
	static const struct {
		const char *site, *origin;
		bool ours;
	} cases[] = {
		{ "same-origin", NULL, true },
		{ "same-origin", "https://post.example.org", true },
		{ NULL, "https://post.example.org", true },
		{ NULL, NULL, true },
		{ "cross-site", NULL, false },
		{ "same-site", NULL, false },
		{ "none", NULL, false },
		{ "", NULL, false },
		{ "Same-Origin", NULL, false },
		{ "same-origin, cross-site", NULL, false },
		{ "cross-site", "https://post.example.org", false },
		{ NULL, "https://evil.example", false },
		{ NULL, "null", false },
		{ NULL, "", false },
		{ NULL, "http://post.example.org", false },
		{ NULL, "https://post.example.org:8443", false },
		{ NULL, "https://post.example.org.evil.example", false },
		{ NULL, "https://post.example.org/", false },
		{ NULL, "https://POST.example.org", false },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		WEB_REQUEST(web, "HTTP_COOKIE=__Host-spg=" SESSION);
		csrf_load(&web.request);
		const char *parameters[4] = { arena_printf(&web.arena, "HTTP_X_CSRF_TOKEN=%s",
							   web.request.csrf_token) };
		size_t count = 1;
		if (cases[i].site)
			parameters[count++] =
				arena_printf(&web.arena, "HTTP_SEC_FETCH_SITE=%s", cases[i].site);
		if (cases[i].origin)
			parameters[count++] =
				arena_printf(&web.arena, "HTTP_ORIGIN=%s", cases[i].origin);
		web.connection.params = (char **)(uintptr_t)parameters;
		assert_verdict(&web, cases[i].ours ? STATUS_OK : STATUS_DENIED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_session_cookie_gives_the_token),
		cmocka_unit_test(without_a_session_the_form_cookie_gives_it),
		cmocka_unit_test(without_either_a_new_form_cookie_is_made),
		cmocka_unit_test(a_malformed_or_doubled_cookie_is_none),
		cmocka_unit_test(the_tokens_of_session_and_form_differ),
		cmocka_unit_test(the_right_token_passes_as_header_or_field),
		cmocka_unit_test(a_missing_or_wrong_token_is_denied),
		cmocka_unit_test(the_token_of_a_query_does_not_count),
		cmocka_unit_test(a_doubled_header_is_denied),
		cmocka_unit_test(a_browser_without_cookies_is_denied),
		cmocka_unit_test(another_site_is_denied_even_with_the_right_token),
	};
	token_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
