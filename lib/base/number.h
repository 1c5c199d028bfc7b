/* Numbers from text: digits only, range checked, nothing after them. */
#pragma once
#include <stdint.h>

#include "base/status.h"

/*
 * Parse decimal digits (a leading '-' only where min < 0) into ret_value.
 * STATUS_INVALID for anything else: blanks, signs, overflow, out of [min, max].
 */
MUST_CHECK enum status number_parse(const char *text, int64_t min, int64_t max, int64_t *ret_value);
