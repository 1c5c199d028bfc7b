/* Hashing of videos (the checker's process does it): each file is read once, from end to end. */
#pragma once
#include "base/status.h"

struct config;
struct part_store;

/* Start its thread. Both must outlive it. */
MUST_CHECK enum status upload_hash_start(const struct config *config,
					 const struct part_store *store);

/* At the end of the process: what is not finished is given back. */
void upload_hash_stop(void);
