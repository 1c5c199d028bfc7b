/* The one number parser. */
#include "base/number.h"

#include <stdbool.h>
#include <stddef.h>

enum status number_parse(const char *text, int64_t min, int64_t max, int64_t *ret_value)
{
	if (!text)
		return STATUS_INVALID;
	bool negative = *text == '-' && min < 0;
	if (negative)
		text++;
	if (*text == '\0')
		return STATUS_INVALID;
	int64_t value = 0;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return STATUS_INVALID;
		int64_t digit = *text - '0';
		if (__builtin_mul_overflow(value, (int64_t)10, &value) ||
		    __builtin_sub_overflow(value, digit, &value))
			return STATUS_INVALID;
	}
	/* Built as a negative number, so that the smallest one fits. */
	if (!negative && __builtin_sub_overflow((int64_t)0, value, &value))
		return STATUS_INVALID;
	if (value < min || value > max)
		return STATUS_INVALID;
	*ret_value = value;
	return STATUS_OK;
}
