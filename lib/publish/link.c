/* Finding our post among the creator's videos. */
#include "publish/link.h"

#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"

enum { SHOWN_CHARACTERS = 150 };

/*
 * What a description shows of text: its first 150 characters, without white space at the ends. What a
 * character is, TikTok does not say (2.4): UTF-16 code units, which its captions count, or code points.
 */
static const char *shown(struct arena *arena, const char *text, bool folded, bool utf16)
{
	char *out = arena_alloc(arena, strlen(text) + 1);
	size_t length = 0, end = 0;
	bool after_space = true;
	for (int used = 0; *text;) {
		size_t step;
		uint32_t point = utf8_decode(text, &step);
		bool space = utf8_is_space(point);
		bool skipped = space && (end == 0 || (folded && after_space));
		after_space = space;
		if (!skipped) {
			used += utf16 && point > 0xffff ? 2 : 1;
			if (used > SHOWN_CHARACTERS)
				break;
			memcpy(out + length, folded && space ? " " : text,
			       folded && space ? 1 : step);
			length += folded && space ? 1 : step;
		}
		if (!space)
			end = length;
		text += step;
	}
	out[end] = '\0';
	return out;
}

static bool is_caption(struct arena *arena, const char *caption, const char *text)
{
	for (int folded = 0; folded < 2; folded++) {
		const char *found = shown(arena, text, folded, /* utf16= */ false);
		if (strcmp(found, shown(arena, caption, folded, /* utf16= */ false)) == 0 ||
		    strcmp(found, shown(arena, caption, folded, /* utf16= */ true)) == 0)
			return true;
	}
	return false;
}

static bool is_blank(struct arena *arena, const char *text)
{
	return !*shown(arena, text, false, false);
}

static bool is_taken(const struct link_post *post, const char *id)
{
	for (size_t i = 0; i < post->taken_count; i++) {
		if (strcmp(post->taken[i], id) == 0)
			return true;
	}
	return false;
}

static bool could_be(struct arena *arena, const struct tiktok_video *video,
		     const struct link_post *post)
{
	bool blank = is_blank(arena, post->caption);
	int64_t age = video->create_time - post->sent_at;
	if (age < -LINK_BEFORE_SECONDS ||
	    age > (blank ? LINK_EMPTY_AFTER_SECONDS : LINK_AFTER_SECONDS) ||
	    is_taken(post, video->id))
		return false;
	if (blank)
		return is_blank(arena, video->description) && is_blank(arena, video->title);
	return is_caption(arena, post->caption, video->description) ||
	       is_caption(arena, post->caption, video->title);
}

const struct tiktok_video *link_find(struct arena *arena, const struct tiktok_video_list *list,
				     const struct link_post *post)
{
	const struct tiktok_video *found = NULL;
	if (post->has_rival)
		return NULL;
	for (size_t i = 0; i < list->count; i++) {
		const struct tiktok_video *video = &list->videos[i];
		if (!could_be(arena, video, post))
			continue;
		if (found && strcmp(found->id, video->id) != 0)
			return NULL;
		found = video;
	}
	return found;
}
