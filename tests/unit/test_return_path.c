/* Only own pages are returned to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "web/return_path.h"

static void own_pages_are_kept(void **state)
{
	static const char *const own[] = { "/",
					   "/?notice=partial",
					   "/accounts",
					   "/accounts?notice=late",
					   "/videos",
					   "/posts/new?video=12&account=3",
					   "/posts/123/edit",
					   "/calendar",
					   "/settings",
					   "/deletion" };
	(void)state;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		assert_string_equal(return_path_or_home(own[i]), own[i]);
}

static void everything_else_leads_home(void **state)
{
	static const char *const foreign[] = {
		NULL,
		"",
		"accounts",
		"//evil.example",
		"/\\evil.example",
		"\\\\evil.example",
		"https://evil.example/",
		"//evil.example/accounts",
		"/accounts//evil.example",
		"/accounts/",
		"/accounts/../oauth/start",
		"/./accounts",
		"/accounts.evil.example",
		"/accountsx",
		"/oauth/start",
		"/oauth/signout",
		"/api/v1/me",
		"/uploads/abc",
		"/static/style.css",
		"/accounts#@evil.example",
		"/accounts?next=//evil.example",
		"/accounts?next=https:evil",
		"/accounts?a=%2f%2fevil.example",
		"/accounts?a=1?b=2",
		"/accounts\r\nSet-Cookie: a=b",
		"/accounts\tx",
		"/ accounts",
		"/@evil.example",
		"/%2e%2e/accounts",
		"javascript:alert(1)",
		"/accounts\xc3\xa9",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		assert_string_equal(return_path_or_home(foreign[i]), "/");
}

static void an_endless_path_leads_home(void **state)
{
	char path[400] = "/accounts?a=";
	(void)state;
	for (size_t i = 12; i < sizeof(path) - 1; i++)
		path[i] = 'x';
	assert_string_equal(return_path_or_home(path), "/");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_pages_are_kept),
		cmocka_unit_test(everything_else_leads_home),
		cmocka_unit_test(an_endless_path_leads_home),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
