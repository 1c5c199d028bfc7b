/*
 * What a user asks of a post, read from JSON: types, lengths and rules that need no database. The
 * names are the API's (design 9); members that it does not have are ignored.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "store/post.h"

struct arena;
struct json_object;

enum {
	POST_CAPTION_UTF16_MAX = 2200,	/* TikTok's limit (reference 3.2) */
	POST_COVER_MS_MAX = 10 * 60000, /* no video is longer */
	POST_SCHEDULE_DAYS_MAX = 365,
	POST_CREATIONS_PER_DAY = 5000, /* of one user (B106) */
	POST_FAULTS_MAX = 16,
};

/* What is wrong. Texts are constants. */
struct post_fault {
	const char *field, *code, *message;
	bool conflict; /* nothing wrong with the input: the state of something else is in the way */
};

struct post_faults {
	struct post_fault items[POST_FAULTS_MAX];
	size_t count;
};

/* Note a fault; those that there is no room for are dropped. */
void post_fault(struct post_faults *faults, const char *field, const char *code,
		const char *message);
void post_conflict(struct post_faults *faults, const char *field, const char *code,
		   const char *message);

enum post_due {
	POST_DUE_KEEP,	/* nothing was said about it */
	POST_DUE_NONE,	/* null: a draft, not scheduled */
	POST_DUE_NOW,	/* "now" */
	POST_DUE_AT,	/* due_text is RFC 3339 */
	POST_DUE_LOCAL, /* due_text is a local time in content.time_zone */
};

struct post_input {
	struct post_content content;
	enum post_due due;
	const char *due_text;
	bool consent;		    /* "consent": true */
	bool consent_refused;	    /* "consent": false */
	const char *consent_record; /* JSON: {"texts": [...], "options": {...} or null} */
	bool post_again; /* the user knows that the last try may be public, and wants another */
};

/*
 * Read body over input, which holds what stands where body says nothing: defaults for a new post,
 * the post itself for a change. What is wrong is added to faults; such members stay as they were.
 */
void post_input_read(struct arena *arena, struct json_object *body, struct post_input *input,
		     struct post_faults *faults);

/* The rules about content alone: what a scheduled post needs, and what never goes together. */
void post_content_check(const struct post_content *content, bool scheduled, bool audited,
			struct post_faults *faults);

/* True when the two differ in what TikTok would be told. */
bool post_content_differs(const struct post_content *a, const struct post_content *b);

/*
 * True when b is another thing than the user has agreed to with a: account, video or mode changed,
 * or branded content came in, which has its own declaration (UX-23).
 */
bool post_consent_is_outdated(const struct post_content *a, const struct post_content *b);
