/* Names that unpack safely everywhere. */
#include "export/entry_name.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/utf8.h"

/* Shows, or orders, what follows as something else. */
static bool is_deceptive(uint32_t point)
{
	return (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2060 && point <= 0x206f) || point == 0xfeff || point == 0xfffd ||
	       (point >= 0xfff9 && point <= 0xfffb) || (point >= 0xe0000 && point <= 0xe007f);
}

static bool is_refused(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point <= 0x9f) || is_deceptive(point) ||
	       (point < 0x80 && strchr("/\\<>:\"|?*", (int)point));
}

static bool is_edge(char byte)
{
	return byte == '.' || byte == ' ' || byte == '_' || byte == '-';
}

/* The name with each character that is refused as '_', cut at a whole character, without its edges. */
static char *safe(struct arena *arena, const char *name)
{
	char *made = arena_alloc(arena, ENTRY_NAME_BYTES + 1);
	size_t end = 0;
	for (size_t length; *name; name += length) {
		uint32_t point = utf8_decode(name, &length);
		bool refused = is_refused(point);
		if (end == 0 && (refused || (length == 1 && is_edge(*name))))
			continue;
		if (end + length > ENTRY_NAME_BYTES)
			break;
		memcpy(made + end, refused ? "_" : name, refused ? 1 : length);
		end += refused ? 1 : length;
	}
	while (end > 0 && is_edge(made[end - 1]))
		end--;
	made[end] = '\0';
	return made;
}

static const char *extension_of(const char *container)
{
	static const char *const known[] = { "mp4", "mov", "webm" };
	for (size_t i = 0; container && i < ARRAY_SIZE(known); i++) {
		if (strcmp(container, known[i]) == 0)
			return known[i];
	}
	return NULL;
}

const char *entry_name(struct arena *arena, int64_t video_id, const char *name,
		       const char *container)
{
	char *text = safe(arena, name);
	const char *extension = extension_of(container);
	const char *dot = strrchr(text, '.');
	if (extension && dot && strcasecmp(dot + 1, extension) == 0)
		extension = NULL;
	return arena_printf(arena, "videos/%" PRId64 "%s%s%s%s", video_id, *text ? "-" : "", text,
			    extension ? "." : "", extension ? extension : "");
}
