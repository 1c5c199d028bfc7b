/* Who a TikTok account that comes back from the consent page belongs to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/connect.h"

enum { NOBODY = 0, ME = 7, OTHER = 8, ANY = 0, MINE = 70, THEIRS = 80, MEANT = 71 };

static const struct connect_found unknown = { 0 };
static const struct connect_found my_live = { MINE, ME, true, false, true };
static const struct connect_found their_live = { THEIRS, OTHER, true, false, true };

static void an_unknown_account_makes_a_user_or_joins_one(void **state)
{
	(void)state;
	assert_int_equal(connect_decide(&unknown, NOBODY, ANY), CONNECT_NEW_USER);
	assert_int_equal(connect_decide(&unknown, ME, ANY), CONNECT_ADDED);
}

static void a_known_account_signs_its_user_in(void **state)
{
	(void)state;
	assert_int_equal(connect_decide(&their_live, NOBODY, ANY), CONNECT_SIGNED_IN);
}

static void my_own_account_is_reconnected(void **state)
{
	(void)state;
	assert_int_equal(connect_decide(&my_live, ME, ANY), CONNECT_RECONNECTED);
	assert_int_equal(connect_decide(&my_live, ME, MINE), CONNECT_RECONNECTED);
}

static void an_account_of_another_user_is_refused(void **state)
{
	(void)state;
	assert_int_equal(connect_decide(&their_live, ME, ANY), CONNECT_OTHER_USER);
	assert_int_equal(connect_decide(&their_live, ME, MINE), CONNECT_OTHER_USER);
}

static void another_account_than_the_one_meant_is_refused(void **state)
{
	(void)state;
	assert_int_equal(connect_decide(&unknown, ME, MEANT), CONNECT_OTHER_ACCOUNT);
	assert_int_equal(connect_decide(&my_live, ME, MEANT), CONNECT_OTHER_ACCOUNT);
}

static void an_account_that_is_going_is_not_brought_back(void **state)
{
	struct connect_found going = my_live;
	(void)state;
	going.ending = true;
	assert_int_equal(connect_decide(&going, NOBODY, ANY), CONNECT_ENDING);
	assert_int_equal(connect_decide(&going, ME, ANY), CONNECT_ENDING);
	assert_int_equal(connect_decide(&going, ME, MINE), CONNECT_ENDING);
}

static void a_disconnected_account_of_mine_comes_back(void **state)
{
	struct connect_found gone = my_live;
	(void)state;
	gone.live = false;
	assert_int_equal(connect_decide(&gone, ME, ANY), CONNECT_RECONNECTED);
	assert_int_equal(connect_decide(&gone, ME, MINE), CONNECT_RECONNECTED);
}

static void a_disconnected_account_of_another_is_free(void **state)
{
	struct connect_found gone = their_live;
	(void)state;
	gone.live = false;
	assert_int_equal(connect_decide(&gone, ME, ANY), CONNECT_ADDED);
}

static void a_disconnected_account_is_a_key_only_as_the_last_one(void **state)
{
	struct connect_found gone = their_live;
	(void)state;
	gone.live = false;
	assert_int_equal(connect_decide(&gone, NOBODY, ANY), CONNECT_NEW_USER);
	gone.user_has_live = false;
	assert_int_equal(connect_decide(&gone, NOBODY, ANY), CONNECT_SIGNED_IN);
	gone.ending = true;
	assert_int_equal(connect_decide(&gone, NOBODY, ANY), CONNECT_NEW_USER);
}

static void refusals_are_no_success(void **state)
{
	(void)state;
	for (int i = CONNECT_NEW_USER; i <= CONNECT_ENDING; i++)
		assert_int_equal(connect_succeeded((enum connect_outcome)i),
				 i <= CONNECT_SIGNED_IN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unknown_account_makes_a_user_or_joins_one),
		cmocka_unit_test(a_known_account_signs_its_user_in),
		cmocka_unit_test(my_own_account_is_reconnected),
		cmocka_unit_test(an_account_of_another_user_is_refused),
		cmocka_unit_test(another_account_than_the_one_meant_is_refused),
		cmocka_unit_test(an_account_that_is_going_is_not_brought_back),
		cmocka_unit_test(a_disconnected_account_of_mine_comes_back),
		cmocka_unit_test(a_disconnected_account_of_another_is_free),
		cmocka_unit_test(a_disconnected_account_is_a_key_only_as_the_last_one),
		cmocka_unit_test(refusals_are_no_success),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
