/*
 * Moments and time zones. A moment is a timestamptz and stays PostgreSQL's to compute (design 6);
 * here it is only text: RFC 3339 in UTC for programs, local wall time for people.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <libpq-fe.h>

#include "base/status.h"

struct arena;
struct db;

struct moment {
	const char *utc;  /* "2026-11-22T11:05:00Z"; NULL where the column is NULL */
	const char *text; /* "2026-11-22 14:05 Europe/Moscow"; NULL likewise */
};

/*
 * Columns NAME (the moment AT TIME ZONE 'UTC') and NAME_text (as people read it), which every query
 * that shows moments selects.
 */
struct moment row_moment(struct arena *arena, const PGresult *rows, int row, const char *column);

/* True for an RFC 3339 date-time (5.6) of a day that exists, years 1 to 9999, offset to 15:59. */
bool when_is_rfc3339(const char *text);

/* True for "YYYY-MM-DDTHH:MM", perhaps with ":SS", of a day that exists. */
bool when_is_local(const char *text);

/*
 * All time zones that PostgreSQL knows by their IANA names, in order. The list is read once and
 * lives as long as the process. Not for programs with threads, as when_zone_check is not.
 */
MUST_CHECK enum status when_zones(struct db *db, const char *const **ret_names, size_t *ret_count);

/* STATUS_NOT_FOUND when there is no such zone. */
MUST_CHECK enum status when_zone_check(struct db *db, const char *zone);

enum when_note {
	WHEN_PLAIN,
	WHEN_SKIPPED,  /* clocks jump over it: ret_moment is the first minute after the jump */
	WHEN_REPEATED, /* it comes twice: ret_moment is the first of the two */
};

/* The word of a note: NULL, "skipped" or "repeated". */
const char *when_note_name(enum when_note note);

/* The moment of a local time (when_is_local) in a known zone. */
MUST_CHECK enum status when_resolve(struct db *db, struct arena *arena, const char *zone,
				    const char *local, struct moment *ret_moment,
				    enum when_note *ret_note);
