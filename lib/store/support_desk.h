/* Support threads from the operator's side; spgctl shows them by statements of its own. */
#pragma once
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

/*
 * Answer, in the open transaction: the thread is answered. body: 1 to SUPPORT_BODY_MAX bytes of text.
 * STATUS_NOT_FOUND: no such thread.
 */
MUST_CHECK enum status support_desk_answer(struct db *db, struct arena *arena, int64_t thread_id,
					   const char *body);

/* Close, in the open transaction. STATUS_NOT_FOUND: no such thread. */
MUST_CHECK enum status support_desk_close(struct db *db, struct arena *arena, int64_t thread_id);
