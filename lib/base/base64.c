/* Base64. */
#include "base/base64.h"

#include <sodium.h>

#include "base/arena.h"

const char *base64_encode(struct arena *arena, const void *bytes, size_t length)
{
	size_t size = sodium_base64_encoded_len(length, sodium_base64_VARIANT_ORIGINAL);
	char *text = arena_alloc(arena, size);
	return sodium_bin2base64(text, size, bytes, length, sodium_base64_VARIANT_ORIGINAL);
}
