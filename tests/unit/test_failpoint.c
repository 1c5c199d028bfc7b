/* Failpoints: named, counted, and what they do to the process. */
#include "unit.h"

#include <signal.h>
#include <time.h>

#include "base/failpoint.h"

/* Passes two points three times each, as SPG_FAILPOINT asks, then ends with 7. */
static void pass_all(const char *spec)
{
	setenv("SPG_FAILPOINT", spec, 1);
	for (int i = 0; i < 3; i++) {
		FAILPOINT("step");
		FAILPOINT("step_done");
	}
	_exit(7);
}

static void pass_all_of(void *context)
{
	pass_all(*(const char **)context);
}

/* The signal that ended such a process, or its exit status below zero. */
static int ended_by(const char *spec)
{
	int status = status_of_child(pass_all_of, &spec);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void only_the_named_point_acts(void **state)
{
	(void)state;
	assert_int_equal(ended_by("step"), SIGKILL);
	assert_int_equal(ended_by("step_done"), SIGKILL);
	assert_int_equal(ended_by("other"), -7);
	assert_int_equal(ended_by("ste"), -7);
	assert_int_equal(ended_by("step_"), -7);
	assert_int_equal(ended_by(""), -7);
}

static void the_count_says_which_passage(void **state)
{
	(void)state;
	assert_int_equal(ended_by("step:3"), SIGKILL);
	assert_int_equal(ended_by("step:4"), -7);
}

static void the_action_says_how_it_ends(void **state)
{
	(void)state;
	assert_int_equal(ended_by("step=kill"), SIGKILL);
	assert_int_equal(ended_by("step:2=abort"), SIGABRT);
}

static void a_stopped_process_goes_on_when_told(void **state)
{
	(void)state;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		pass_all("step_done:2=stop");
	int status;
	assert_int_equal(waitpid(child, &status, WUNTRACED), child);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(WSTOPSIG(status), SIGSTOP);
	assert_int_equal(kill(child, SIGCONT), 0);
	assert_int_equal(waitpid(child, &status, WUNTRACED), child);
	/* once only: the third passage does not stop it again */
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

static void a_delay_waits_and_goes_on(void **state)
{
	(void)state;
	struct timespec begun, ended;
	clock_gettime(CLOCK_MONOTONIC, &begun);
	assert_int_equal(ended_by("step=delay:120"), -7);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	assert_true((ended.tv_sec - begun.tv_sec) * 1000 +
			    (ended.tv_nsec - begun.tv_nsec) / 1000000 >=
		    120);
}

static void what_is_not_understood_ends_the_process(void **state)
{
	(void)state;
	static const char *const specs[] = { "step:0",	   "step:x",	  "step:",
					     "step:1:2",   "step=",	  "step=explode",
					     "step=delay", "step=delay:", "step=delay:-1" };
	for (size_t i = 0; i < sizeof(specs) / sizeof(*specs); i++)
		assert_int_equal(ended_by(specs[i]), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_named_point_acts),
		cmocka_unit_test(the_count_says_which_passage),
		cmocka_unit_test(the_action_says_how_it_ends),
		cmocka_unit_test(a_stopped_process_goes_on_when_told),
		cmocka_unit_test(a_delay_waits_and_goes_on),
		cmocka_unit_test(what_is_not_understood_ends_the_process),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
