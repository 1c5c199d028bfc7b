/* Videos whose file is gone. */
#pragma once
#include <signal.h>

#include "base/status.h"

struct db;
struct part_store;

/* Look for the file of each video that has to have one, and note which are gone and which are back. */
MUST_CHECK enum status missing_check(struct db *db, const struct part_store *store,
				     const volatile sig_atomic_t *stopping);
