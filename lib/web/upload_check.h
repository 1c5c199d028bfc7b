/*
 * The checker (one process runs it): finishes uploads that were left complete, and has each new video
 * read by the media process, after which it is ready or refused.
 */
#pragma once
#include "base/status.h"

struct config;
struct part_store;

/* Start its threads. store must outlive them. */
MUST_CHECK enum status upload_check_start(const struct config *config,
					  const struct part_store *store);

/* There is a new video. Harmless where no checker runs. */
void upload_check_wake(void);

/* At the end of the process: checks that are not done in time do not count as attempts. */
void upload_check_stop(void);
