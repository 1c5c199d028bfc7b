/*
 * Which of the creator's public videos is our post, where neither a webhook nor the status has told its
 * id (reference 2.2, 2.4, 3.7). TikTok's list does not name the publish_id: caption and time must do,
 * and where they leave a doubt there is no link.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "remote/tiktok.h"

struct arena;

enum {
	LINK_BEFORE_SECONDS = 60, /* their clock and ours */
	LINK_AFTER_SECONDS = 72 * 60 * 60,
	LINK_EMPTY_AFTER_SECONDS = 10 * 60, /* without a caption there is only the time */
};

/* A public direct post. The caption of a draft is its creator's and not ours: none is looked for. */
struct link_post {
	const char *caption;	  /* as sent, UTF-8 */
	int64_t sent_at;	  /* when its last byte went, Unix seconds */
	bool has_rival;		  /* another post could be taken for it (store/link.h) */
	const char *const *taken; /* ids of other posts */
	size_t taken_count;
};

/*
 * The one video that is no other post's, was made in the post's time and has its caption: TikTok shows
 * the first 150 characters of it, and white space may come back folded. A post without a caption
 * matches a video without one. NULL when no video or more than one could be it.
 */
const struct tiktok_video *link_find(struct arena *arena, const struct tiktok_video_list *list,
				     const struct link_post *post);
