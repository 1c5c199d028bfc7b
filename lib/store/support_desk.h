/* Support threads, as the operator sees them: everybody's. For the operator's tool alone. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "store/support.h"

struct arena;
struct db;

/*
 * At most limit threads in a state (NULL: in any) with ids above after, the oldest first, in the arena.
 */
MUST_CHECK enum status support_desk_list(struct db *db, struct arena *arena, const char *state,
					 int64_t after, int64_t limit,
					 struct support_thread **ret_threads, size_t *ret_count);

/* A thread. STATUS_NOT_FOUND: there is none of that number. */
MUST_CHECK enum status support_desk_find(struct db *db, struct arena *arena, int64_t thread_id,
					 struct support_thread *ret_thread);

/*
 * Answer, in the open transaction: the thread is answered. body: 1 to SUPPORT_BODY_MAX bytes of text. STATUS_NOT_FOUND:
 * no such thread.
 */
MUST_CHECK enum status support_desk_answer(struct db *db, struct arena *arena, int64_t thread_id,
					   const char *body);

/* Close, in the open transaction. STATUS_NOT_FOUND: no such thread. */
MUST_CHECK enum status support_desk_close(struct db *db, struct arena *arena, int64_t thread_id);
