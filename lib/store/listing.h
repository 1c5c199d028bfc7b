/*
 * The rows of a statement as JSON, member names and types as the columns have them: for the operator's tool and other
 * programs that pass on what the database says.
 */
#pragma once
#include "base/status.h"
#include "store/db.h"

struct json_object;

/*
 * Run one statement; ret_items is an array with an object for each row, which the caller puts. Numbers stay numbers,
 * json columns become JSON, a timestamp (AT TIME ZONE 'UTC') is RFC 3339, all else is text. As db_query otherwise.
 */
MUST_CHECK enum status listing_read(struct db *db, const char *sql, struct params params,
				    struct json_object **ret_items);

/* The same for a statement that gives one row. STATUS_NOT_FOUND: it gives none. */
MUST_CHECK enum status listing_one(struct db *db, const char *sql, struct params params,
				   struct json_object **ret_object);
