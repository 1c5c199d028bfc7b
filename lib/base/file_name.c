/* File names as text. */
#include "base/file_name.h"

#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"

const char *file_name_clean(struct arena *arena, const char *bytes, size_t length)
{
	if (!utf8_is_valid(bytes, length))
		return "";
	char *name = arena_strndup(arena, bytes, length);
	for (char *byte = name; *byte; byte++) {
		if (*byte == '/' || *byte == '\\')
			name = byte + 1;
		else if ((unsigned char)*byte < 0x20 || *byte == 0x7f)
			*byte = ' ';
	}
	size_t end = strlen(name);
	if (end > FILE_NAME_MAX_BYTES) {
		end = FILE_NAME_MAX_BYTES;
		while (end > 0 && ((unsigned char)name[end] & 0xc0) == 0x80)
			end--;
	}
	return arena_strndup(arena, name, end);
}
