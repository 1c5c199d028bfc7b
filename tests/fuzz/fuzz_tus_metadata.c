/* The Upload-Metadata header: any text, and a name that is accepted can be shown. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "web/tus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena) struct arena arena = { 0 };
	const char *raw = arena_strndup(&arena, (const char *)data, size), *name = NULL;
	if (tus_metadata_parse(&arena, raw, &name) != STATUS_OK)
		return 0;
	if (!name || !utf8_is_valid(name, strlen(name)))
		abort();
	for (const char *at = name; *at; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			abort();
	}
	return 0;
}
