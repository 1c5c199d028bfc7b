/* The cell of one child: one file to read, one connection to answer on, nothing else for ever. */
#pragma once
#include "base/status.h"

/* Where the two descriptors are inside; all others are closed. */
enum { SANDBOX_CONNECTION = 0, SANDBOX_FILE = 1 };

/*
 * Shut the calling process in: other descriptors closed, not dumpable, no new privileges, own
 * namespaces where the kernel gives them, limits (10 s CPU, 512 MB addresses, no files, no
 * processes), a system call filter whose default is death. Takes connection and file over.
 * STATUS_BROKEN when a part that must hold does not: the process must then end itself.
 * Built with AddressSanitizer the memory limit is left out and the filter only forbids.
 */
MUST_CHECK enum status sandbox_enter(int connection, int file);
