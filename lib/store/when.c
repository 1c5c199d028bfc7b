/* Moments as text, and what PostgreSQL knows of time zones. */
#include "store/when.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "queries.h"
#include "store/db.h"

struct moment row_moment(struct arena *arena, const PGresult *rows, int row, const char *column)
{
	/* "2026-11-22 11:05:00.25" as PostgreSQL prints a timestamp. */
	const char *text = row_text(arena, rows, row, column);
	if (!text)
		return (struct moment){ 0 };
	char *utc = arena_printf(arena, "%sZ", text);
	char *blank = strchr(utc, ' ');
	if (blank)
		*blank = 'T';
	return (struct moment){ utc, row_text(arena, rows, row,
					      arena_printf(arena, "%s_text", column)) };
}

/* Reads count digits as a number in [min, max]; -1 when they are not that. */
static int digits(const char **text, int count, int min, int max)
{
	int value = 0;
	for (int i = 0; i < count; i++) {
		char digit = (*text)[i];
		if (digit < '0' || digit > '9')
			return -1;
		value = value * 10 + (digit - '0');
	}
	*text += count;
	return value >= min && value <= max ? value : -1;
}

static bool expect(const char **text, const char *one_of)
{
	if (!**text || !strchr(one_of, **text))
		return false;
	(*text)++;
	return true;
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month == 2 && leap ? 29 : days[month - 1];
}

static bool read_date(const char **text)
{
	int year = digits(text, 4, 1, 9999);
	if (year < 0 || !expect(text, "-"))
		return false;
	int month = digits(text, 2, 1, 12);
	return month > 0 && expect(text, "-") && digits(text, 2, 1, days_in(year, month)) > 0;
}

static bool read_minutes(const char **text, int max_hour)
{
	return digits(text, 2, 0, max_hour) >= 0 && expect(text, ":") &&
	       digits(text, 2, 0, 59) >= 0;
}

bool when_is_rfc3339(const char *text)
{
	if (!read_date(&text) || !expect(&text, "Tt") || !read_minutes(&text, 23) ||
	    !expect(&text, ":") || digits(&text, 2, 0, 59) < 0)
		return false;
	if (*text == '.') {
		size_t length = strspn(text + 1, "0123456789");
		if (length == 0 || length > 9)
			return false;
		text += 1 + length;
	}
	if (expect(&text, "Zz"))
		return *text == '\0';
	return expect(&text, "+-") && read_minutes(&text, 15) && *text == '\0';
}

bool when_is_local(const char *text)
{
	if (!read_date(&text) || !expect(&text, "T") || !read_minutes(&text, 23))
		return false;
	if (*text == '\0')
		return true;
	return expect(&text, ":") && digits(&text, 2, 0, 59) >= 0 && *text == '\0';
}

static const char *const *zone_names;
static size_t zone_count;

enum status when_zones(struct db *db, const char *const **ret_names, size_t *ret_count)
{
	if (!zone_names) {
		CLEANUP(PQclear) PGresult *rows = NULL;
		enum status st = db_query(db, zone_list_sql, NO_PARAMS, &rows);
		if (st != STATUS_OK)
			return st;
		int count = PQntuples(rows);
		const char **names = calloc((size_t)count + 1, sizeof(*names));
		if (!names)
			log_die("out_of_memory");
		for (int i = 0; i < count; i++) {
			names[i] = strdup(PQgetvalue(rows, i, 0));
			if (!names[i])
				log_die("out_of_memory");
		}
		zone_names = names;
		zone_count = (size_t)count;
	}
	*ret_names = zone_names;
	*ret_count = zone_count;
	return STATUS_OK;
}

enum status when_zone_check(struct db *db, const char *zone)
{
	const char *const *names;
	size_t count;
	enum status st = when_zones(db, &names, &count);
	if (st != STATUS_OK)
		return st;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], zone) == 0)
			return STATUS_OK;
	}
	return STATUS_NOT_FOUND;
}

const char *when_note_name(enum when_note note)
{
	switch (note) {
	case WHEN_PLAIN:
		break;
	case WHEN_SKIPPED:
		return "skipped";
	case WHEN_REPEATED:
		return "repeated";
	}
	return NULL;
}

enum status when_resolve(struct db *db, struct arena *arena, const char *zone, const char *local,
			 struct moment *ret_moment, enum when_note *ret_note)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, zone_resolve_sql, PARAMS(local, zone), &rows);
	if (st != STATUS_OK)
		return st;
	const char *note = row_text(arena, rows, 0, "note");
	*ret_note = !note ? WHEN_PLAIN : *note == 's' ? WHEN_SKIPPED : WHEN_REPEATED;
	*ret_moment = row_moment(arena, rows, 0, "at");
	return STATUS_OK;
}
