/* Support messages that are to be mailed: each to the operator, an answer to whoever gave an address. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

enum { SUPPORT_MAIL_TRIES = 10 };

struct support_mail {
	int64_t message_id, thread_id;
	int64_t user_id;  /* 0: signed out */
	bool is_answer;	  /* of the operator, to email; else of the writer, to the operator */
	const char *kind; /* of the thread */
	const char *subject, *email, *tiktok_name, *body;
	int64_t tries; /* this one included */
};

/*
 * Take the next. Until it is marked it comes again by itself: after 2 minutes, 4, 8, and so on,
 * SUPPORT_MAIL_TRIES times.
 * STATUS_NOT_FOUND: there is none now.
 */
MUST_CHECK enum status support_mail_claim(struct db *db, struct arena *arena,
					  struct support_mail *ret_mail);

/* It was handed over. */
MUST_CHECK enum status support_mail_done(struct db *db, struct arena *arena, int64_t message_id);
