/* Base64. */
#include "base/base64.h"

#include <sodium.h>
#include <string.h>

#include "base/arena.h"

const char *base64_encode(struct arena *arena, const void *bytes, size_t length)
{
	size_t size = sodium_base64_encoded_len(length, sodium_base64_VARIANT_ORIGINAL);
	char *text = arena_alloc(arena, size);
	return sodium_bin2base64(text, size, bytes, length, sodium_base64_VARIANT_ORIGINAL);
}

static int base64_digit(char digit)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = digit ? strchr(digits, digit) : NULL;
	return found ? (int)(found - digits) : -1;
}

enum status base64_decode(struct arena *arena, const char *text, size_t length, char **ret_bytes,
			  size_t *ret_length)
{
	if (length % 4 != 0)
		return STATUS_INVALID;
	size_t padding = 0;
	while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
		padding++;
	char *bytes = arena_alloc(arena, length / 4 * 3 + 1);
	size_t count = 0;
	unsigned group = 0;
	for (size_t i = 0; i < length; i++) {
		int digit = i < length - padding ? base64_digit(text[i]) : 0;
		if (digit < 0)
			return STATUS_INVALID;
		group = group << 6 | (unsigned)digit;
		if (i % 4 == 3) {
			bytes[count++] = (char)(group >> 16 & 0xff);
			bytes[count++] = (char)(group >> 8 & 0xff);
			bytes[count++] = (char)(group & 0xff);
			group = 0;
		}
	}
	count -= padding;
	bytes[count] = '\0';
	*ret_bytes = bytes;
	*ret_length = count;
	return STATUS_OK;
}
