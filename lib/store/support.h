/*
 * Messages to support, in threads: of a user, or of somebody who is signed out and holds the thread's word. The
 * limits of the writers are counted in the database, so that they hold over restarts (B106).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libpq-fe.h>

#include "base/status.h"
#include "store/when.h"

struct arena;
struct db;

enum {
	SUPPORT_BODY_MAX = 20000,  /* bytes of a message */
	SUPPORT_SUBJECT_MAX = 600, /* bytes */
	SUPPORT_EMAIL_MAX = 254,   /* bytes */
	SUPPORT_NAME_MAX = 200,	   /* bytes of a TikTok name */

	SUPPORT_USER_THREADS = 5,     /* of a user, in 24 hours */
	SUPPORT_USER_MESSAGES = 30,   /* of a user in all threads, in 24 hours */
	SUPPORT_OPEN_THREADS = 60,    /* of everybody who is signed out, of one kind, in an hour */
	SUPPORT_NEAR_THREADS = 10,    /* of those, from one network (/24 or /56) */
	SUPPORT_THREAD_MESSAGES = 10, /* in a thread of somebody signed out, in 24 hours */
	SUPPORT_OPEN_MESSAGES = 400,  /* of everybody who is signed out, in 24 hours */
	SUPPORT_NEAR_MESSAGES = 60,   /* of those, in threads from one network */
	SUPPORT_MESSAGES_SHOWN = 50,  /* of a thread, the newest */
};

struct support_thread {
	int64_t id;
	int64_t user_id;			   /* 0: written signed out */
	const char *kind;			   /* "question", "deletion" */
	const char *state;			   /* "open", "answered", "closed" */
	const char *subject, *email, *tiktok_name; /* "" where not told */
	struct moment created_at, updated_at;
};

struct support_message {
	int64_t id;
	const char *author; /* "user", "operator" */
	const char *body;
	struct moment created_at;
};

/* What begins a thread; all texts checked by the caller. */
struct support_draft {
	int64_t user_id; /* 0: signed out */
	const char *kind, *subject, *body, *email, *tiktok_name;
	const char *address; /* of the client */
	const char *
		form; /* the random word of the form: the same form with the same words is one thread */
};

/*
 * Begin a thread with its first message; sent again, it is the thread that is there. ret_word opens it without a
 * session; the database knows it only by hash. STATUS_REFUSED: too many; ret_wait then has the seconds until one
 * more may come.
 */
MUST_CHECK enum status support_open(struct db *db, struct arena *arena,
				    const struct support_draft *draft, int64_t *ret_thread_id,
				    const char **ret_word, int64_t *ret_wait);

/*
 * A further message of whoever wrote the thread; the thread is open again. form and address as above.
 * STATUS_REFUSED: too many, as above.
 */
MUST_CHECK enum status support_reply(struct db *db, struct arena *arena,
				     const struct support_thread *thread, const char *form,
				     const char *body, const char *address, int64_t *ret_wait);

/* The thread of a word. STATUS_NOT_FOUND: none. */
MUST_CHECK enum status support_find_by_word(struct db *db, struct arena *arena, const char *word,
					    struct support_thread *ret_thread);

/* A thread of a user. STATUS_NOT_FOUND: none, or somebody else's. */
MUST_CHECK enum status support_find(struct db *db, struct arena *arena, int64_t user_id,
				    int64_t thread_id, struct support_thread *ret_thread);

/* At most limit threads of a user with ids below before (0: from the newest), newest first, in the arena. */
MUST_CHECK enum status support_list(struct db *db, struct arena *arena, int64_t user_id,
				    int64_t before, int64_t limit,
				    struct support_thread **ret_threads, size_t *ret_count);

/* At most limit messages of a thread, the newest, in the order in which they were written; in the arena. */
MUST_CHECK enum status support_messages(struct db *db, struct arena *arena, int64_t thread_id,
					int64_t limit, struct support_message **ret_messages,
					size_t *ret_count);

/* A row of the statements that read threads. */
struct support_thread support_thread_row(struct arena *arena, const PGresult *rows, int row);
