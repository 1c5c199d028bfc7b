/* Dying on request. */
#include "base/failpoint.h"

#ifdef SPG_FAILPOINTS
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/number.h"

void failpoint_pass(const char *name)
{
	static int64_t passed;
	const char *wanted = getenv("SPG_FAILPOINT");
	size_t length = strlen(name);
	int64_t count = 1;
	if (!wanted || strncmp(wanted, name, length) != 0 ||
	    (wanted[length] != '\0' && wanted[length] != ':'))
		return;
	if (wanted[length] == ':' &&
	    number_parse(wanted + length + 1, 1, 1000000, &count) != STATUS_OK)
		log_die("failpoint_bad value=%s", wanted);
	if (++passed < count)
		return;
	log_warn("failpoint_kill name=%s", name);
	raise(SIGKILL);
}
#else
typedef int failpoint_translation_unit_is_not_empty;
#endif
