/*
 * Every error code and fail_reason of TikTok's API (reference 1.4, 1.10, 3.1-3.10) with its class: the
 * class alone decides what happens next; the words, which tell people, are those of base/words.h.
 */
#pragma once

enum tiktok_class {
	TIKTOK_FINE,	  /* "ok" */
	TIKTOK_REFRESH,	  /* the access token is dead: refresh once, then reconnect */
	TIKTOK_RECONNECT, /* only the creator can give access again */
	TIKTOK_RETRY,	  /* TikTok's trouble: try again later */
	TIKTOK_WAIT,	  /* a limit: try again when it allows */
	TIKTOK_USER,	  /* the user must change something */
	TIKTOK_OPERATOR,  /* the operator of this installation must */
	TIKTOK_PERMANENT, /* will never work */
	TIKTOK_UNKNOWN,	  /* not in the table: stop safely and show it verbatim */
};

struct tiktok_meaning {
	const char *code;
	enum tiktok_class class;
	int wait_seconds; /* of class WAIT: the least time until the next try */
	/* English, as stored with a post; its reader's language is chosen when it is shown */
	const char *cause; /* what happened */
	const char *remedy_code;
	const char *remedy; /* what helps */
};

/* The meaning of a code; never NULL: an unknown one has class TIKTOK_UNKNOWN. */
const struct tiktok_meaning *tiktok_meaning(const char *code);
