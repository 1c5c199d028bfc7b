/* Repairs (the checker's process makes them, one at a time): a refused video is coded anew. */
#pragma once
#include "base/status.h"

struct config;
struct part_store;

/* Start its thread. Both must outlive it. */
MUST_CHECK enum status upload_repair_start(const struct config *config,
					   const struct part_store *store);

/* At the end of the process: a repair under way begins anew later. */
void upload_repair_stop(void);
