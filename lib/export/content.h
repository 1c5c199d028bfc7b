/* The rows of an export: one JSON file for each kind of the inventory, all of one moment. */
#pragma once
#include "base/status.h"

struct export_task;

/* Write data/KIND.json for each kind that is exported. As export_task_tick() and bundle_write(). */
MUST_CHECK enum status content_write(struct export_task *task);
