/* The process itself. */
#include "base/process.h"

#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

void process_hide(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	prctl(PR_SET_DUMPABLE, 0);
}

void process_on_stop(void (*handler)(int signal_number))
{
	struct sigaction stop = { .sa_handler = handler }, ignore = { .sa_handler = SIG_IGN };
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}
