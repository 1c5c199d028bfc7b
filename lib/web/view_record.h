/* The user's own record, for the API and the page. */
#pragma once
#include <stddef.h>

#include "web/view.h"

struct record_event;

/* An array of the events; on pages with what happened in words. A new reference belongs to the caller. */
struct json_object *view_record(const struct record_event *events, size_t count,
				enum view_kind kind);
