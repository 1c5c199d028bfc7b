/* The videos of an export, as they were uploaded. */
#pragma once
#include "base/status.h"

struct export_task;

/*
 * Copy the files of all videos that were there when the export began; one that has gone meanwhile, or is not as long as
 * it was, is left out and noted in the manifest. As export_task_tick() and bundle_write().
 */
MUST_CHECK enum status videos_write(struct export_task *task);
