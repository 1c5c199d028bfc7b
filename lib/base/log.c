/* The log line: built in one buffer, written by one write, so that lines of several processes stay whole. */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096 };

static const char *program_name = "spg";
static _Thread_local char request_id[64];

void log_open(const char *program)
{
	program_name = program;
}

void log_set_request(const char *id)
{
	snprintf(request_id, sizeof(request_id), "%s", id ? id : "");
}

static size_t escape(char *out, size_t size, const char *text)
{
	size_t length = 0;
	for (const unsigned char *byte = (const unsigned char *)text; *byte && length + 5 < size;
	     byte++) {
		if (*byte < 0x20 || *byte == 0x7f)
			length += (size_t)snprintf(out + length, size - length, "\\x%02x", *byte);
		else
			out[length++] = (char)*byte;
	}
	return length;
}

__attribute__((format(printf, 2, 0))) static void log_line(const char *level, const char *format,
							   va_list arguments)
{
	struct timespec now;
	struct tm utc;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);

	char text[LINE_MAX_BYTES / 2];
	vsnprintf(text, sizeof(text), format, arguments);

	char line[LINE_MAX_BYTES];
	size_t length = strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%S", &utc);
	length += (size_t)snprintf(line + length, sizeof(line) - length, ".%03ldZ %s %s[%d] ",
				   now.tv_nsec / 1000000, level, program_name, (int)getpid());
	if (request_id[0]) {
		length += (size_t)snprintf(line + length, sizeof(line) - length, "request=");
		length += escape(line + length, sizeof(line) - length, request_id);
		line[length++] = ' ';
	}
	length += escape(line + length, sizeof(line) - length - 1, text);
	line[length++] = '\n';
	/* A log that cannot be written must not stop the work. */
	ssize_t ignored = write(STDERR_FILENO, line, length);
	(void)ignored;
}

#define LOG_LEVEL_BODY(level)                                                                      \
	do {                                                                                       \
		va_list arguments;                                                                 \
		va_start(arguments, format);                                                       \
		log_line(level, format, arguments);                                                \
		va_end(arguments);                                                                 \
	} while (false)

void log_info(const char *format, ...)
{
	LOG_LEVEL_BODY("info");
}

void log_warn(const char *format, ...)
{
	LOG_LEVEL_BODY("warn");
}

void log_error(const char *format, ...)
{
	LOG_LEVEL_BODY("error");
}

void log_die(const char *format, ...)
{
	LOG_LEVEL_BODY("error");
	_exit(1);
}
