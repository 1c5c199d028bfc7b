/* The configuration: defaults, and every kind of fault named by file, line and key. */
#include "unit.h"

#include "base/config.h"

#define LINES_BUT_URL                                                                              \
	"database = host=/run/postgresql dbname=spg\n"                                             \
	"media_dir = /srv/media\n"                                                                 \
	"tiktok_client_key = key1\n"                                                               \
	"tiktok_client_secret_file = /etc/spg/client\n"                                            \
	"token_public_key_file = /etc/spg/public\n"                                                \
	"token_secret_key_file = /etc/spg/secret\n"                                                \
	"support_email = help@example.org\n"                                                       \
	"operator_name = Example\n"
#define GOOD_LINES "public_url = https://post.example.org\n" LINES_BUT_URL
enum { LINES_OF_GOOD = 9 };

/* Its texts live as long as the process: kept where the leak checker finds them. */
static struct config loaded[64];
static size_t loaded_count;

static const struct config *load(struct arena *arena, const char *text, size_t length)
{
	const char *path = scratch_file(arena, text, length);
	assert_true(loaded_count < ARRAY_SIZE(loaded));
	struct config *config = &loaded[loaded_count++];
	enum status st = config_load(path, config);
	unlink(path);
	assert_status(st, STATUS_OK);
	return config;
}

static const struct config *load_text(struct arena *arena, const char *text)
{
	return load(arena, text, strlen(text));
}

/* What is logged about a file that must be refused; every line of it must name the file. */
static const char *refuse(struct arena *arena, const char *text, size_t length)
{
	const char *path = scratch_file(arena, text, length);
	struct config config = { .app_name = "untouched" };
	log_capture();
	enum status st = config_load(path, &config);
	const char *log = log_captured(arena);
	unlink(path);
	assert_status(st, STATUS_BROKEN);
	assert_string_equal(config.app_name, "untouched");
	assert_int_equal(count_of(log, arena_printf(arena, " file=%s ", path)),
			 count_of(log, "\n"));
	assert_true(count_of(log, "\n") > 0);
	return log;
}

/* One line added to a good file: the fault must name that line and the key, and be the only one. */
static const char *refuse_line(struct arena *arena, const char *line, const char *key)
{
	const char *text = arena_printf(arena, "%s%s\n", GOOD_LINES, line);
	const char *log = refuse(arena, text, strlen(text));
	assert_int_equal(count_of(log, "\n"), 1);
	assert_contains(log, arena_printf(arena, " line=%d ", LINES_OF_GOOD + 1));
	if (key)
		assert_contains(log, arena_printf(arena, " key=%s ", key));
	return log;
}

static void defaults_fill_what_is_not_said(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const struct config *config = load_text(&arena, GOOD_LINES);
	assert_string_equal(config->public_url, "https://post.example.org");
	assert_string_equal(config->database, "host=/run/postgresql dbname=spg");
	assert_string_equal(config->tiktok_api_url, "https://open.tiktokapis.com");
	assert_string_equal(config->tiktok_auth_url, "https://www.tiktok.com");
	assert_string_equal(config->tiktok_transfer, "file_upload");
	assert_string_equal(config->app_name, "SPG Autoposter");
	assert_false(config->tiktok_pkce);
	assert_true(config->tiktok_audited);
	assert_false(config->live_demo);
	assert_int_equal(config->quota_init_per_minute, 6);
	assert_int_equal(config->quota_creator_info_per_minute, 20);
	assert_int_equal(config->quota_status_per_minute, 30);
	assert_null(config->telegram_bot_token_file);
	assert_null(config->telegram_webhook_secret_file);
}

static void blanks_comments_and_line_ends_do_not_matter(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const struct config *config =
		load_text(&arena, "# first\n\n\t \n  # second\n" GOOD_LINES
				  "  app_name\t=   My  posts = fine # here\t \r\n"
				  "tiktok_pkce=yes\r\nlive_demo =yes");
	assert_string_equal(config->app_name, "My  posts = fine # here");
	assert_true(config->tiktok_pkce);
	assert_true(config->live_demo);
}

static void a_line_may_be_long(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	/* Longer than any buffer, with a comment sign where a fixed buffer would cut it. */
	char *name = arena_alloc(&arena, 20001);
	memset(name, '#', 20000);
	name[0] = 'x';
	const struct config *config =
		load_text(&arena, arena_printf(&arena, "app_name = %s\n%s", name, GOOD_LINES));
	assert_string_equal(config->app_name, name);
}

static void an_unknown_key_is_named(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_contains(refuse_line(&arena, "colour = red", "colour"), "problem=unknown key");
	refuse_line(&arena, "Public_url = https://a.example", "Public_url");
	refuse_line(&arena, "public_url2 = https://a.example", "public_url2");
	refuse_line(&arena, "= 5", NULL);
	refuse_line(&arena,
		    "\xef\xbb\xbf"
		    "app_name = x",
		    "\xef\xbb\xbf"
		    "app_name");
}

static void a_key_given_twice_is_named(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_contains(refuse_line(&arena, "operator_name = Other", "operator_name"),
			"given twice");
	assert_contains(refuse_line(&arena, "operator_name = Example", "operator_name"),
			"given twice");
	/* Even where the first one was bad: both faults are told. */
	static const char text[] = GOOD_LINES "live_demo = maybe\nlive_demo = yes\n";
	const char *log = refuse(&arena, text, strlen(text));
	assert_int_equal(count_of(log, "key=live_demo"), 2);
	assert_contains(log, "line=10 ");
	assert_contains(log, "line=11 ");
}

static void a_line_without_equals_is_named(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	refuse_line(&arena, "app_name", NULL);
	refuse_line(&arena, "[section]", NULL);
	refuse_line(&arena, "app_name: x", NULL);
}

static void a_nul_is_named(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const char text[] = GOOD_LINES "app_name = a\0b\n";
	const char *log = refuse(&arena, text, sizeof(text) - 1);
	assert_contains(log, "line=10 ");
	static const char hidden[] =
		"public_url = https://post.example.org\0.evil.example\n" LINES_BUT_URL;
	assert_contains(refuse(&arena, hidden, sizeof(hidden) - 1), "line=1 ");
}

static void every_missing_key_is_named(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const char *const required[] = { "public_url",
						"database",
						"media_dir",
						"tiktok_client_key",
						"tiktok_client_secret_file",
						"token_public_key_file",
						"token_secret_key_file",
						"support_email",
						"operator_name" };
	const char *log = refuse(&arena, "", 0);
	assert_int_equal(count_of(log, "problem=missing"), ARRAY_SIZE(required));
	for (size_t i = 0; i < ARRAY_SIZE(required); i++)
		assert_contains(log, arena_printf(&arena, " key=%s problem=missing", required[i]));
	log = refuse(&arena, LINES_BUT_URL, strlen(LINES_BUT_URL));
	assert_int_equal(count_of(log, "\n"), 1);
	assert_contains(log, "key=public_url problem=missing");
}

static void all_faults_are_told_at_once(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const char text[] =
		"colour = red\npublic_url = ftp://a\n" LINES_BUT_URL "live_demo = 1\nnonsense\n";
	const char *log = refuse(&arena, text, strlen(text));
	assert_int_equal(count_of(log, "\n"), 4);
	assert_contains(log, "line=1 key=colour");
	assert_contains(log, "line=2 key=public_url");
	assert_contains(log, "line=11 key=live_demo");
	assert_contains(log, "line=12 ");
}

static void a_bad_value_is_named_with_what_is_expected(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const struct {
		const char *key, *value;
	} bad[] = {
		{ "app_name", "" },
		{ "media_socket", "run/media.sock" },
		{ "media_socket", "" },
		{ "media_socket", "~/media.sock" },
		{ "telegram_bot_token_file", "token" },
		{ "telegram_bot_token_file", "" },
		{ "tiktok_transfer", "FILE_UPLOAD" },
		{ "tiktok_transfer", "file" },
		{ "tiktok_transfer", "" },
		{ "live_demo", "true" },
		{ "live_demo", "YES" },
		{ "live_demo", "yess" },
		{ "live_demo", "1" },
		{ "live_demo", "" },
		{ "publisher_transfers", "0" },
		{ "publisher_transfers", "1025" },
		{ "publisher_transfers", "-1" },
		{ "publisher_transfers", "16.0" },
		{ "publisher_transfers", "16 #" },
		{ "publisher_transfers", "" },
		{ "publisher_transfers", "99999999999999999999" },
		{ "retention_timeline_days", "0" },
		{ "retention_webhooks_days", "6" },
		{ "session_absolute_days", "366" },
		{ "retention_sessions_days", "30d" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *line = arena_printf(&arena, "%s = %s", bad[i].key, bad[i].value);
		assert_contains(refuse_line(&arena, line, bad[i].key), " expected=");
	}
}

static void an_origin_is_https_and_nothing_but_a_host(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const char *const good[] = {
		"https://a.example",	  "https://a.example:8443", "https://127.0.0.1:8443",
		"http://127.0.0.1:18080", "http://localhost",	    "http://localhost:1",
		"http://[::1]:8080",	  "https://[2001:db8::1]",  "https://xn--e1aybc.example",
	};
	static const char *const bad[] = {
		"a.example",
		"//a.example",
		"http://a.example",
		"HTTPS://a.example",
		"ftp://127.0.0.1",
		"https://",
		"https://:443",
		"https://a.example/",
		"https://a.example/path",
		"https://a.example?q",
		"https://a.example#f",
		"https://user@a.example",
		"https://a.example:",
		"https://a.example:x",
		"https://a.example:123456",
		"https://a.example:1:2",
		"https://a example",
		"https://[::1",
		"https://[]",
		"https://::1",
		"http://127.0.0.1.evil.example",
		"http://127.0.0.1:1@evil.example",
		"http://127.0.0.2",
		"http://localhost.evil.example",
		"http://evil.example#http://127.0.0.1",
		"https://пример.example",
		"https://a.example\\b",
		"javascript:https://a.example",
	};
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		const char *text =
			arena_printf(&arena, "tiktok_api_url = %s\n%s", good[i], GOOD_LINES);
		assert_string_equal(load_text(&arena, text)->tiktok_api_url, good[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		refuse_line(&arena, arena_printf(&arena, "tiktok_api_url = %s", bad[i]),
			    "tiktok_api_url");
}

static void the_database_string_holds_no_password(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const char *const bad[] = { "host=/run password=geheim",
					   "postgresql://u:geheim@h/db",
					   "dbname=spg password = 'geheim'", "sslpassword=geheim" };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *text = arena_printf(
			&arena, "public_url = https://a.example\ndatabase = %s\nmedia_dir = /m\n",
			bad[i]);
		const char *log = refuse(&arena, text, strlen(text));
		assert_contains(log, "line=2 key=database expected=");
		/* Nor does the log. */
		assert_lacks(log, "geheim");
	}
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const char *const paths[] = { "/nonexistent/spg.conf", "/" };
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct config config;
		log_capture();
		enum status st = config_load(paths[i], &config);
		const char *log = log_captured(&arena);
		assert_status(st, STATUS_BROKEN);
		assert_contains(log,
				arena_printf(&arena, "config_unreadable file=%s error=", paths[i]));
	}
}

static void the_environment_names_the_file(void **state)
{
	(void)state;
	setenv("SPG_CONFIG", "/elsewhere/spg.conf", 1);
	assert_string_equal(config_path(), "/elsewhere/spg.conf");
	setenv("SPG_CONFIG", "", 1);
	assert_string_equal(config_path(), "/etc/spg-autoposter/spg.conf");
	unsetenv("SPG_CONFIG");
	assert_string_equal(config_path(), "/etc/spg-autoposter/spg.conf");
}

static void only_loopback_addresses_are_loopback(void **state)
{
	(void)state;
	static const char *const good[] = { "http://127.0.0.1",	  "http://127.0.0.1:80/x?y=z",
					    "https://127.0.0.1/", "http://localhost:9",
					    "http://localhost/",  "http://[::1]",
					    "http://[::1]:1/",	  "http://localhost?q",
					    "http://localhost#f" };
	static const char *const bad[] = { "",
					   "127.0.0.1",
					   "://127.0.0.1",
					   "ftp://127.0.0.1",
					   "x://127.0.0.1",
					   "http://127.0.0.10",
					   "http://127.0.0.1.example",
					   "http://127.0.0.1@evil.example",
					   "http://127.0.0.1:80@evil.example/",
					   "http://127.0.0.1:a@evil.example/",
					   "http://127.0.0.1:",
					   "http://localhosts",
					   "http://[::1].example",
					   "http://evil.example/http://127.0.0.1/",
					   "evil.example/?u=http://127.0.0.1/",
					   "https://evil.example:80/://localhost" };
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		if (!config_url_is_loopback(good[i]))
			fail_msg("%s is not taken", good[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (config_url_is_loopback(bad[i]))
			fail_msg("%s is taken", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_fill_what_is_not_said),
		cmocka_unit_test(blanks_comments_and_line_ends_do_not_matter),
		cmocka_unit_test(a_line_may_be_long),
		cmocka_unit_test(an_unknown_key_is_named),
		cmocka_unit_test(a_key_given_twice_is_named),
		cmocka_unit_test(a_line_without_equals_is_named),
		cmocka_unit_test(a_nul_is_named),
		cmocka_unit_test(every_missing_key_is_named),
		cmocka_unit_test(all_faults_are_told_at_once),
		cmocka_unit_test(a_bad_value_is_named_with_what_is_expected),
		cmocka_unit_test(an_origin_is_https_and_nothing_but_a_host),
		cmocka_unit_test(the_database_string_holds_no_password),
		cmocka_unit_test(a_file_that_cannot_be_read_is_named),
		cmocka_unit_test(the_environment_names_the_file),
		cmocka_unit_test(only_loopback_addresses_are_loopback),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
