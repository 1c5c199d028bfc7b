/* Places for requests that bring bytes. */
#include "web/receivers.h"

#include "unit.h"

static void places_are_limited_and_come_back(void **state)
{
	(void)state;
	receivers_open(4, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(receivers_enter(7), RECEIVERS_WELCOME);
	assert_int_equal(receivers_enter(7), RECEIVERS_USER_FULL);
	assert_int_equal(receivers_enter(8), RECEIVERS_WELCOME);
	assert_int_equal(receivers_enter(9), RECEIVERS_FULL);
	assert_int_equal(receivers_enter(7), RECEIVERS_FULL);
	receivers_leave(7);
	assert_int_equal(receivers_enter(9), RECEIVERS_WELCOME);
	receivers_leave(9);
	receivers_leave(8);
	receivers_leave(7);
	receivers_leave(7);
	for (int user = 1; user <= 4; user++)
		assert_int_equal(receivers_enter(user), RECEIVERS_WELCOME);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(places_are_limited_and_come_back) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
