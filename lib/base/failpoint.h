/*
 * Named places where a test build can be made to break off. SPG_FAILPOINT="NAME[:N][=ACTION]" acts
 * when the process passes NAME for the N-th time (the first by default), once:
 *
 *   kill      SIGKILL, the default
 *   stop      SIGSTOP: the test sees state T, does to the world what it wants, and sends SIGCONT
 *   abort     SIGABRT
 *   delay:MS  waits so many milliseconds, then goes on
 *
 * Compiled out of everything but -Dfailpoints=true.
 */
#pragma once

#ifdef SPG_FAILPOINTS
/* Act here when SPG_FAILPOINT says so; for FAILPOINT() alone. */
void failpoint_pass(const char *name);
#define FAILPOINT(name) failpoint_pass(name)
#else
#define FAILPOINT(name) ((void)0)
#endif
