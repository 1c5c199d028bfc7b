/* What downloads are called. */
#include "unit.h"

#include "import/source_name.h"

static const char url[] = "https://example.org/a/b%20c.mp4?x=/y.mov#z";

static void check(const char *disposition, const char *address, const char *wanted)
{
	CLEANUP(arena) struct arena arena = { 0 };
	assert_string_equal(source_name(&arena, disposition, address), wanted);
}

static void the_last_part_of_the_path_is_the_name(void **state)
{
	(void)state;
	check(NULL, url, "b c.mp4");
	check(NULL, "https://example.org/video.mp4", "video.mp4");
	check(NULL, "https://example.org/a/", "");
	check(NULL, "https://example.org", "");
	check(NULL, "https://example.org?a/b.mp4", "");
	check(NULL, "https://example.org/%D0%B2%D0%B8%D0%B4%D0%B5%D0%BE.mp4", "видео.mp4");
	check(NULL, "https://example.org/100%.mp4", "100%.mp4");
}

static void a_name_is_no_path_and_one_line(void **state)
{
	(void)state;
	check(NULL, "https://example.org/..%2F..%2Fetc%2Fpasswd", "passwd");
	check(NULL, "https://example.org/a%5Cb.mp4", "b.mp4");
	check(NULL, "https://example.org/a%0D%0Ab.mp4", "a  b.mp4");
	check(NULL, "https://example.org/a%00b.mp4", "a%00b.mp4");
	check(NULL, "https://example.org/%ff%fe.mp4", "");
	check("attachment; filename=\"../../x.mp4\"", url, "x.mp4");
}

static void what_the_server_says_goes_before(void **state)
{
	(void)state;
	check("attachment; filename=\"my film.mp4\"", url, "my film.mp4");
	check("attachment; filename=film.mp4; size=3", url, "film.mp4");
	check("ATTACHMENT;FileName=film.mp4", url, "film.mp4");
	check("attachment; filename=\"a \\\"b\\\" c.mp4\"", url, "a \"b\" c.mp4");
	check("attachment; filename=\"a; filename=b.mp4\"", url, "a; filename=b.mp4");
	check("attachment; filename=\"a.mp4\"; filename*=UTF-8''%D0%B2.mp4", url, "в.mp4");
	check("attachment; filename*=utf-8'ru'%D0%B2.mp4; filename=a.mp4", url, "в.mp4");
}

static void what_cannot_be_read_is_left_aside(void **state)
{
	(void)state;
	check("attachment", url, "b c.mp4");
	check("", url, "b c.mp4");
	check("attachment; filename", url, "b c.mp4");
	check("attachment; filename=", url, "b c.mp4");
	check("attachment; filename=\"\"", url, "b c.mp4");
	check("attachment; filename*=ISO-8859-1''%e9.mp4; filename=e.mp4", url, "e.mp4");
	check("attachment; filename*=UTF-8''%ff; filename=e.mp4", url, "e.mp4");
	check("attachment; filename=\"open", url, "open");
	check(";;;=;filename", url, "b c.mp4");
	check("attachment; xfilename=a.mp4", url, "b c.mp4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_part_of_the_path_is_the_name),
		cmocka_unit_test(a_name_is_no_path_and_one_line),
		cmocka_unit_test(what_the_server_says_goes_before),
		cmocka_unit_test(what_cannot_be_read_is_left_aside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
