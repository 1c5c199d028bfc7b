/* The cell of one child: one file to read, one connection to answer on, nothing else for ever. */
#pragma once
#include "base/status.h"

/* Where the descriptors are inside; all others are closed. */
enum { SANDBOX_CONNECTION = 0, SANDBOX_FILE = 1, SANDBOX_OUTPUT = 2 };

/*
 * Shut the calling process in: other descriptors closed, not dumpable, no new privileges, own
 * namespaces where the kernel gives them, limits (8 s CPU, 512 MB addresses of which 208 MB data, no
 * files, no processes), a system call filter whose default is death. Takes connection and file over.
 * STATUS_BROKEN when a part that must hold does not: the process must then end itself.
 * Built with AddressSanitizer the memory limits are left out and the filter only forbids.
 */
MUST_CHECK enum status sandbox_enter(int connection, int file);

/*
 * The cell of a repair: output, too, which alone can be written, by offset, up to 4 GB; 4 hours of
 * CPU time, 1.5 GB addresses, the lowest priority.
 */
MUST_CHECK enum status sandbox_enter_repair(int connection, int file, int output);
