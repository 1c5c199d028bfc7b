/* Which posts: filters, pages, and the choice for the home page. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "store/post.h"

struct post_filter {
	const char *const *states; /* names; state_count 0: any */
	size_t state_count;
	int64_t account_id;    /* 0: any */
	int64_t video_id;      /* 0: any */
	const char *from, *to; /* RFC 3339: from <= due_at < to; NULL: open */
	int64_t before;	       /* ids below it; 0: from the newest on */
	int64_t limit;
};

/* The user's posts that pass the filter, the newest first. Strings live in the arena. */
MUST_CHECK enum status post_list(struct db *db, struct arena *arena, int64_t user_id,
				 const struct post_filter *filter, struct post **ret_posts,
				 size_t *ret_count);

struct post_group {
	struct post *posts;
	size_t count;
};

/* What the home page shows, a few of each. */
struct post_overview {
	struct post_group attention; /* what needs somebody, the latest first */
	int64_t attention_total;     /* so many do, shown or not */
	struct post_group upcoming;  /* the next to go out first */
	struct post_group recent;    /* what went out, the latest first */
};

/* The user's overview; strings live in the arena. */
MUST_CHECK enum status post_overview(struct db *db, struct arena *arena, int64_t user_id,
				     struct post_overview *ret_overview);
