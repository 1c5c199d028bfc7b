/* Breaking off on request. */
#include "base/failpoint.h"

#ifdef SPG_FAILPOINTS
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/number.h"

#define DELAY "delay:"

enum { COUNT_MAX = 1000000, DELAY_MAX_MS = 600000 };

static void bad(void)
{
	log_die("failpoint_bad value=%s", getenv("SPG_FAILPOINT"));
}

/* The number at the start of text, which ends at its end or at a '='. */
static int64_t read_count(const char *text)
{
	char digits[16];
	int64_t count = 1;
	snprintf(digits, sizeof(digits), "%.*s", (int)strcspn(text, "="), text);
	if (number_parse(digits, 1, COUNT_MAX, &count) != STATUS_OK)
		bad();
	return count;
}

static void delay(const char *name, const char *text)
{
	int64_t ms = 0;
	if (number_parse(text, 0, DELAY_MAX_MS, &ms) != STATUS_OK)
		bad();
	log_warn("failpoint_delay name=%s ms=%s", name, text);
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	while (nanosleep(&left, &left) != 0)
		; /* a signal asks the program to end after this, not sooner */
}

static void act(const char *name, const char *action)
{
	if (strcmp(action, "kill") == 0) {
		log_warn("failpoint_kill name=%s", name);
		raise(SIGKILL);
	} else if (strcmp(action, "stop") == 0) {
		log_warn("failpoint_stop name=%s", name);
		raise(SIGSTOP);
	} else if (strcmp(action, "abort") == 0) {
		log_warn("failpoint_abort name=%s", name);
		abort();
	} else if (strncmp(action, DELAY, strlen(DELAY)) == 0) {
		delay(name, action + strlen(DELAY));
	} else {
		bad();
	}
}

void failpoint_pass(const char *name)
{
	static int64_t passed;
	const char *wanted = getenv("SPG_FAILPOINT");
	size_t length = strlen(name);
	if (!wanted || strncmp(wanted, name, length) != 0)
		return;
	const char *rest = wanted + length;
	if (*rest != '\0' && *rest != ':' && *rest != '=')
		return;
	int64_t count = *rest == ':' ? read_count(rest + 1) : 1;
	if (++passed != count)
		return;
	const char *action = strchr(rest, '=');
	act(name, action ? action + 1 : "kill");
}
#else
typedef int failpoint_translation_unit_is_not_empty;
#endif
