/*
 * View objects: what the JSON API answers and what pages render are the same objects; pages get
 * some members more, in words for people. A new reference belongs to the caller.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/post.h"

struct account;
struct arena;
struct json_object;
struct user;
struct video_item;

enum view_kind {
	VIEW_API,
	VIEW_PAGE, /* also NAME_text of each moment, state_text, is_STATE, ... */
};

/* One of each, as the API shows it or with the words of a page. */
struct json_object *view_account(struct arena *arena, const struct account *account,
				 enum view_kind kind);
struct json_object *view_video(struct arena *arena, const struct video_item *video,
			       enum view_kind kind);
struct json_object *view_post(struct arena *arena, const struct post *post, enum view_kind kind);
struct json_object *view_event(const struct post_event *event, enum view_kind kind);

/* Arrays of the same. */
struct json_object *view_accounts(struct arena *arena, const struct account *accounts, size_t count,
				  enum view_kind kind);
struct json_object *view_videos(struct arena *arena, const struct video_item *videos, size_t count,
				enum view_kind kind);
struct json_object *view_posts(struct arena *arena, const struct post *posts, size_t count,
			       enum view_kind kind);
struct json_object *view_events(const struct post_event *events, size_t count, enum view_kind kind);

/* {"items": items, "next_cursor": next_cursor}; takes over items. next_cursor NULL: the end. */
struct json_object *view_list(struct json_object *items, const char *next_cursor);

/* Parts, for other views. A moment becomes name and, on pages, name_text. */
void view_add_moment(struct json_object *view, const char *name, struct moment moment,
		     enum view_kind kind);
/* "12.4 MB"; "1:05" */
const char *view_size_text(struct arena *arena, int64_t bytes);
const char *view_duration_text(struct arena *arena, int64_t milliseconds);
/* An id as the API shows it, a number that may be unknown; 0 becomes null. */
void view_add_id(struct json_object *view, const char *name, int64_t id);
void view_add_known(struct json_object *view, const char *name, int64_t value);
/* "a,b" as ["a", "b"]. */
struct json_object *view_text_list(const char *text);
/* thumbnail_url and file_url of a video; null where it has none, or may not be played. */
void view_add_video_urls(struct arena *arena, struct json_object *view, int64_t video_id,
			 bool has_thumbnail, bool is_playable);
/* What a state of posts is called on pages. */
const char *view_state_text(enum post_state state);
