/* Going on with a download. */
#include "unit.h"

#include "remote/fetch_range.h"

enum { OFFSET = 100 };

static enum fetch_range judge(struct fetch_range_answer answer, int64_t offset,
			      const char *validator, int64_t *total)
{
	return fetch_range_judge(&answer, offset, validator, total);
}

static void the_whole_file_is_taken_whatever_was_asked_for(void **state)
{
	(void)state;
	int64_t total;
	struct fetch_range_answer answer = { .status = 200, .content_length = 500 };
	assert_int_equal(judge(answer, 0, NULL, &total), FETCH_RANGE_ALL);
	assert_int_equal(total, 500);
	assert_int_equal(judge(answer, OFFSET, "\"a\"", &total), FETCH_RANGE_ALL);
	answer.content_length = -1;
	assert_int_equal(judge(answer, 0, NULL, &total), FETCH_RANGE_ALL);
	assert_int_equal(total, -1);
}

static void the_rest_is_taken_when_it_begins_where_we_stand(void **state)
{
	(void)state;
	int64_t total;
	const struct fetch_range_answer good = { .status = 206,
						 .content_range = "bytes 100-499/500",
						 .etag = "\"a\"",
						 .content_length = 400 };
	assert_int_equal(judge(good, OFFSET, "\"a\"", &total), FETCH_RANGE_REST);
	assert_int_equal(total, 500);

	struct fetch_range_answer answer = good;
	answer.etag = NULL;
	assert_int_equal(judge(answer, OFFSET, "\"a\"", &total), FETCH_RANGE_REST);
	answer.content_range = "bytes 100-499/*";
	assert_int_equal(judge(answer, OFFSET, "\"a\"", &total), FETCH_RANGE_REST);
	assert_int_equal(total, -1);
}

static void another_part_or_file_is_of_no_use(void **state)
{
	(void)state;
	static const char *const ranges[] = { NULL,
					      "",
					      "bytes 0-499/500",
					      "bytes 101-499/500",
					      "bytes 100-498/500",
					      "bytes 100-500/500",
					      "bytes 99-499/500",
					      "bytes */500",
					      "items 100-499/500",
					      "bytes 100-499/500, 1-2/3",
					      "bytes 100-499/499",
					      "bytes 100-99/500",
					      "bytes -100-499/500",
					      "bytes 100-499",
					      "bytes 100-499/x" };
	int64_t total;
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		struct fetch_range_answer answer = { .status = 206,
						     .content_range = ranges[i],
						     .content_length = -1 };
		if (judge(answer, OFFSET, "\"a\"", &total) != FETCH_RANGE_USELESS)
			fail_msg("%s", ranges[i] ? ranges[i] : "none");
	}
	struct fetch_range_answer answer = { .status = 206,
					     .content_range = "bytes 100-499/500",
					     .etag = "\"b\"",
					     .content_length = 400 };
	assert_int_equal(judge(answer, OFFSET, "\"a\"", &total), FETCH_RANGE_USELESS);
	answer.etag = "\"a\"";
	answer.content_length = 399;
	assert_int_equal(judge(answer, OFFSET, "\"a\"", &total), FETCH_RANGE_USELESS);
	/* A part although all of it was asked for. */
	answer.content_range = "bytes 0-499/500";
	answer.content_length = 500;
	assert_int_equal(judge(answer, 0, NULL, &total), FETCH_RANGE_USELESS);
	answer.status = 416;
	assert_int_equal(judge(answer, OFFSET, "\"a\"", &total), FETCH_RANGE_USELESS);
}

static void numbers_that_do_not_fit_are_none(void **state)
{
	(void)state;
	int64_t first, last, total;
	assert_status(fetch_range_parse("bytes 0-9223372036854775806/9223372036854775807", &first,
					&last, &total),
		      STATUS_OK);
	assert_int_equal(total, INT64_MAX);
	assert_status(fetch_range_parse("bytes 0-9223372036854775808/*", &first, &last, &total),
		      STATUS_INVALID);
	assert_status(
		fetch_range_parse("bytes 0-99999999999999999999999999/*", &first, &last, &total),
		STATUS_INVALID);
	assert_status(fetch_range_parse("BYTES 1-2/3", &first, &last, &total), STATUS_OK);
}

static void only_what_promises_the_same_bytes_names_a_file(void **state)
{
	(void)state;
	const char *date = "Wed, 21 Oct 2015 07:28:00 GMT";
	char many[400];
	assert_string_equal(fetch_range_validator("\"a\"", date), "\"a\"");
	assert_string_equal(fetch_range_validator(NULL, date), date);
	/* Who has a weak one has changes that a date does not show either. */
	assert_null(fetch_range_validator("W/\"a\"", date));
	assert_null(fetch_range_validator("W/\"a\"", NULL));
	assert_null(fetch_range_validator(NULL, NULL));
	assert_null(fetch_range_validator(NULL, ""));
	memset(many, 'a', sizeof(many) - 1);
	many[0] = '"';
	many[sizeof(many) - 1] = '\0';
	assert_null(fetch_range_validator(many, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_file_is_taken_whatever_was_asked_for),
		cmocka_unit_test(the_rest_is_taken_when_it_begins_where_we_stand),
		cmocka_unit_test(another_part_or_file_is_of_no_use),
		cmocka_unit_test(numbers_that_do_not_fit_are_none),
		cmocka_unit_test(only_what_promises_the_same_bytes_names_a_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
