/* The media process's report, taken as words of a process that strangers' files attack. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct probe_result;

/*
 * Read a report about a file of size bytes. Every member must be there, of its type and in its
 * range, and an acceptance must hold against TikTok's limits once more. The thumbnail is left
 * empty. STATUS_INVALID when anything is not so; ret_result is untouched then.
 */
MUST_CHECK enum status probe_answer_parse(struct arena *arena, const char *text, size_t length,
					  int64_t size, struct probe_result *ret_result);
