/* What follows from TikTok's answers, and when TikTok is asked again. */
#include "unit.h"

#include "publish/decide.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE };

static const uint32_t randoms[] = {
	0, 1, 29, 30, 31, 59, 60, 1799, 1800, 123456789, UINT32_MAX - 1, UINT32_MAX
};

static struct decision decide_class(enum tiktok_class class, int64_t errors, bool refreshed,
				    uint32_t random)
{
	struct tiktok_meaning meaning = { .code = "x", .class = class, .wait_seconds = 3600 };
	return decide(&meaning, errors, refreshed, random);
}

static void trouble_at_tiktok_is_tried_again_until_the_limit(void **state)
{
	(void)state;
	for (int64_t errors = 0; errors < 20; errors++) {
		for (size_t i = 0; i < ARRAY_SIZE(randoms); i++) {
			struct decision decision =
				decide_class(TIKTOK_RETRY, errors, false, randoms[i]);
			if (errors + 1 < DECIDE_MAX_ERRORS) {
				assert_int_equal(decision.verdict, VERDICT_LATER);
				assert_int_equal(decision.delay_s,
						 decide_backoff(errors, randoms[i]));
			} else {
				assert_int_equal(decision.verdict, VERDICT_HOLD);
			}
		}
	}
}

/* "ok" where something was refused: the answer was not understood. */
static void an_ok_that_is_none_counts_as_trouble(void **state)
{
	(void)state;
	assert_int_equal(decide_class(TIKTOK_FINE, 0, false, 0).verdict, VERDICT_LATER);
	assert_int_equal(decide_class(TIKTOK_FINE, DECIDE_MAX_ERRORS - 1, false, 0).verdict,
			 VERDICT_HOLD);
}

static void a_dead_token_is_refreshed_once_then_the_creator_must_reconnect(void **state)
{
	(void)state;
	assert_int_equal(decide_class(TIKTOK_REFRESH, 0, false, 0).verdict, VERDICT_REFRESH);
	assert_int_equal(decide_class(TIKTOK_REFRESH, 0, true, 0).verdict, VERDICT_RECONNECT);
	assert_int_equal(decide_class(TIKTOK_REFRESH, 99, false, 0).verdict, VERDICT_REFRESH);
	assert_int_equal(decide_class(TIKTOK_RECONNECT, 0, false, 0).verdict, VERDICT_RECONNECT);
	assert_int_equal(decide_class(TIKTOK_RECONNECT, 0, true, 0).verdict, VERDICT_RECONNECT);
}

/* Waiting is no error: it may go on as long as the limit stands. */
static void a_limit_is_waited_for_with_jitter(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(randoms); i++) {
		struct decision decision = decide_class(TIKTOK_WAIT, 99, false, randoms[i]);
		assert_int_equal(decision.verdict, VERDICT_WAIT);
		assert_true(decision.delay_s >= 3600 && decision.delay_s < 3600 + MINUTE);
	}
	assert_int_not_equal(decide_class(TIKTOK_WAIT, 0, false, 1).delay_s,
			     decide_class(TIKTOK_WAIT, 0, false, 2).delay_s);
}

static void people_must_act_or_it_never_works(void **state)
{
	(void)state;
	for (int refreshed = 0; refreshed < 2; refreshed++) {
		for (int64_t errors = 0; errors < 10; errors++) {
			assert_int_equal(decide_class(TIKTOK_USER, errors, refreshed, 7).verdict,
					 VERDICT_HOLD);
			assert_int_equal(
				decide_class(TIKTOK_OPERATOR, errors, refreshed, 7).verdict,
				VERDICT_HOLD);
			assert_int_equal(decide_class(TIKTOK_UNKNOWN, errors, refreshed, 7).verdict,
					 VERDICT_HOLD);
			assert_int_equal(
				decide_class(TIKTOK_PERMANENT, errors, refreshed, 7).verdict,
				VERDICT_FAIL);
		}
	}
}

static void real_codes_lead_where_they_must(void **state)
{
	(void)state;
	static const struct {
		const char *code;
		enum verdict verdict;
	} cases[] = {
		{ "access_token_invalid", VERDICT_REFRESH },
		{ "invalid_grant", VERDICT_RECONNECT },
		{ "rate_limit_exceeded", VERDICT_WAIT },
		{ "spam_risk_too_many_posts", VERDICT_WAIT },
		{ "internal_error", VERDICT_LATER },
		{ "privacy_level_option_mismatch", VERDICT_HOLD },
		{ "url_ownership_unverified", VERDICT_HOLD },
		{ "spam_risk_user_banned_from_posting", VERDICT_FAIL },
		{ "something_new", VERDICT_HOLD },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(decide(tiktok_meaning(cases[i].code), 0, false, 5).verdict,
				 cases[i].verdict);
	/* A limit per minute is waited for at least a minute. */
	assert_true(decide(tiktok_meaning("rate_limit_exceeded"), 0, false, 0).delay_s >= 60);
}

static void backoff_grows_to_half_an_hour_with_full_jitter(void **state)
{
	(void)state;
	static const int64_t limits[] = { 30, 60, 120, 240, 480, 960, 1800, 1800, 1800 };
	for (size_t errors = 0; errors < ARRAY_SIZE(limits); errors++) {
		int64_t least = INT64_MAX, most = 0;
		for (uint32_t random = 0; random < 4000; random++) {
			int64_t delay = decide_backoff((int64_t)errors, random);
			least = delay < least ? delay : least;
			most = delay > most ? delay : most;
		}
		assert_int_equal(least, 1);
		assert_int_equal(most, limits[errors]);
	}
}

static void backoff_is_bounded_for_any_numbers(void **state)
{
	(void)state;
	static const int64_t errors[] = { 0, 7, 63, 64, 1000000, INT64_MAX, -1, INT64_MIN };
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(randoms); j++) {
			int64_t delay = decide_backoff(errors[i], randoms[j]);
			assert_true(delay >= 1 && delay <= 30 * MINUTE);
		}
	}
}

/* The whole life of a post that TikTok never finishes. */
static void asking_slows_down_and_ends_after_72_hours(void **state)
{
	(void)state;
	int64_t age = 0, checks = 0, before = 0, in_first_minute = 0, delay;
	while ((delay = decide_next_check(checks, age)) >= 0) {
		assert_true(delay >= before && delay >= 1 && delay <= HOUR);
		before = delay;
		age += delay;
		checks++;
		in_first_minute += age <= MINUTE;
		assert_true(checks < 200);
	}
	/* Soon enough to see a quick success, far from the limit of 30 questions a minute. */
	assert_true(decide_next_check(0, 0) <= 5);
	assert_true(in_first_minute >= 3 && in_first_minute <= 10);
	assert_true(age >= 72 * HOUR && age < 73 * HOUR);
	assert_int_equal(before, HOUR);
}

static void the_schedule_has_these_edges(void **state)
{
	(void)state;
	assert_int_equal(decide_next_check(100, 0), MINUTE);
	assert_int_equal(decide_next_check(100, 30 * MINUTE - 1), MINUTE);
	assert_int_equal(decide_next_check(100, 30 * MINUTE), 5 * MINUTE);
	assert_int_equal(decide_next_check(100, 2 * HOUR - 1), 5 * MINUTE);
	assert_int_equal(decide_next_check(100, 2 * HOUR), HOUR);
	assert_int_equal(decide_next_check(1000000, 72 * HOUR - 1), HOUR);
	assert_int_equal(decide_next_check(1000000, 72 * HOUR), -1);
	/* However few questions were asked: after an outage it ends all the same. */
	assert_int_equal(decide_next_check(0, 72 * HOUR), -1);
	assert_int_equal(decide_next_check(0, INT64_MAX), -1);
	/* A new state is asked about quickly again, also late. */
	assert_int_equal(decide_next_check(0, 10 * HOUR), decide_next_check(0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trouble_at_tiktok_is_tried_again_until_the_limit),
		cmocka_unit_test(an_ok_that_is_none_counts_as_trouble),
		cmocka_unit_test(a_dead_token_is_refreshed_once_then_the_creator_must_reconnect),
		cmocka_unit_test(a_limit_is_waited_for_with_jitter),
		cmocka_unit_test(people_must_act_or_it_never_works),
		cmocka_unit_test(real_codes_lead_where_they_must),
		cmocka_unit_test(backoff_grows_to_half_an_hour_with_full_jitter),
		cmocka_unit_test(backoff_is_bounded_for_any_numbers),
		cmocka_unit_test(asking_slows_down_and_ends_after_72_hours),
		cmocka_unit_test(the_schedule_has_these_edges),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
