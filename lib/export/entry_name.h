/* Names of videos inside an archive, made of what people call them. */
#pragma once
#include <stdint.h>

struct arena;

enum { ENTRY_NAME_BYTES = 120 }; /* of the part that people have chosen, at most */

/*
 * "videos/ID-NAME.EXT" in the arena. Unique by its id; NAME holds no separator, control or bidirectional character, nor
 * any that Windows refuses, neither begins nor ends with a dot or blank, and is left out where nothing remains.
 * name: any text. container: "mp4", "mov" or "webm" gives EXT; NULL and others: none but NAME's own.
 */
const char *entry_name(struct arena *arena, int64_t video_id, const char *name,
		       const char *container);
