/* Coding a file anew: what the sandboxed child of a repair does. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "media/probe_protocol.h"

/* Told how far it is (0 to 100), at least each second while anything moves; false: stop. */
typedef bool transcode_progress(int percent);

/*
 * Code the file behind fd, which has size bytes, into the empty file behind output, as media/mend.h
 * says. Both are used by offset only. source_prepare() once before.
 */
enum repair_failure transcode(int fd, int64_t size, int output, transcode_progress *progress);
