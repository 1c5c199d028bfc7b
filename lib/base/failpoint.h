/*
 * Named places where a test build can be made to die: SPG_FAILPOINT="NAME" kills the process by
 * SIGKILL the first time it passes there, "NAME:N" the N-th time. Compiled out of everything else.
 */
#pragma once

#ifdef SPG_FAILPOINTS
/* Die here when SPG_FAILPOINT says so; for FAILPOINT() alone. */
void failpoint_pass(const char *name);
#define FAILPOINT(name) failpoint_pass(name)
#else
#define FAILPOINT(name) ((void)0)
#endif
