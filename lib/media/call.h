/* A call of the media process: connect, pass descriptors, read against a deadline. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/*
 * Connect to socket_path; deadlines here are times of clock_now_ms(). STATUS_RETRY (logged): nobody
 * there; STATUS_BROKEN (logged): the system fails. The caller closes ret_fd.
 */
MUST_CHECK enum status call_connect(const char *socket_path, int64_t deadline, int *ret_fd);

enum { CALL_FILES_MAX = 2 };

/* Send one byte with count descriptors (1 to CALL_FILES_MAX), which stay the caller's. STATUS_RETRY: gone. */
MUST_CHECK enum status call_send(int connection, unsigned char request, const int *files,
				 int count);

enum call_end { CALL_ALL, CALL_CLOSED, CALL_LATE };

/* Read exactly length bytes. */
MUST_CHECK enum call_end call_read(int connection, void *bytes, size_t length, int64_t deadline);
