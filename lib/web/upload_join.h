/*
 * Joining the parts of final uploads, in steps that anybody may go on with: the request that asks for
 * it does so for a moment, the rest is done by a thread of the checker's process.
 */
#pragma once
#include "base/status.h"

struct config;
struct part_store;

enum { UPLOAD_JOIN_REQUEST_MS = 2000 }; /* so long a request joins before it answers */

/* Start the thread. store must outlive it. */
MUST_CHECK enum status upload_join_start(const struct config *config,
					 const struct part_store *store);

/* At the end of the process. */
void upload_join_stop(void);
