/*
 * The one address that TikTok may fetch an attempt's video from: PUBLIC_URL/pull/WORD. The word is
 * made by token_new; the database knows its hash alone.
 */
#pragma once
#include <stdbool.h>

#include "base/status.h"

struct arena;
struct db;

/* TikTok ends a download after one hour; until then, and a little longer, the address may be asked for. */
enum { PULL_MINUTES = 65 };

struct pull {
	const char *file;      /* name in the media store */
	const char *container; /* "mp4", "mov", "webm" */
	bool recorded; /* publish_id and final intent are durable: before that no byte may leave (I1, I3) */
};

/* What attempt.pull_hash is for a word. */
const char *pull_hash(struct arena *arena, const char *word);

/*
 * The video that may be fetched with a well-formed word. STATUS_NOT_FOUND when no attempt has it, or
 * that one is closed, older than PULL_MINUTES, of a post that is no longer on its way, or without its
 * video. Strings live in the arena.
 */
MUST_CHECK enum status pull_find(struct db *db, struct arena *arena, const char *word,
				 struct pull *ret_pull);
