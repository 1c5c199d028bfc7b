/*
 * One line per event on stderr: time (UTC, milliseconds), level, program, request, event, key=value.
 * Control characters are escaped here, so that a value can not forge a line. Never pass a token, a
 * code, a cookie, an upload address or a query string.
 */
#pragma once

/* Name the program; call once at start. */
void log_open(const char *program);

/* The id put on every line until the next call; NULL for none. Copied, at most 63 bytes. Per thread. */
void log_set_request(const char *id);

/* One event: "name key=value ...", without a line end. */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Log at level error and end the process with status 1: out of memory and broken invariants only. */
void log_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
