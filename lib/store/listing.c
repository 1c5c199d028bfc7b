/* Rows as JSON. */
#include "store/listing.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"

/* PostgreSQL's numbers for the types that are more than text (pg_type.dat). */
enum { TYPE_BOOL = 16, TYPE_INT8 = 20, TYPE_INT4 = 23, TYPE_JSON = 114, TYPE_TIMESTAMP = 1114 };

enum { JSON_DEPTH = 8 };

/* "2026-11-22 11:05:00.25" as RFC 3339. */
static struct json_object *moment_value(const char *text)
{
	CLEANUP(arena) struct arena arena = { 0 };
	char *utc = arena_printf(&arena, "%sZ", text);
	char *blank = strchr(utc, ' ');
	if (blank)
		*blank = 'T';
	return json_object_new_string(utc);
}

static struct json_object *json_value(const char *text)
{
	struct json_object *value;
	if (json_parse(text, strlen(text), JSON_DEPTH, &value) != STATUS_OK)
		log_die("column_not_json");
	return value;
}

static struct json_object *cell_value(const PGresult *rows, int row, int column)
{
	if (PQgetisnull(rows, row, column))
		return NULL;
	const char *text = PQgetvalue(rows, row, column);
	switch (PQftype(rows, column)) {
	case TYPE_BOOL:
		return json_object_new_boolean(text[0] == 't');
	case TYPE_INT8:
	case TYPE_INT4:
		return json_object_new_int64(row_int(rows, row, PQfname(rows, column)));
	case TYPE_JSON:
		return json_value(text);
	case TYPE_TIMESTAMP:
		return moment_value(text);
	default:
		return json_object_new_string(text);
	}
}

static struct json_object *row_value(const PGresult *rows, int row)
{
	struct json_object *object = json_object_new_object();
	for (int column = 0; column < PQnfields(rows); column++)
		json_add(object, PQfname(rows, column), cell_value(rows, row, column));
	return object;
}

enum status listing_read(struct db *db, const char *sql, struct params params,
			 struct json_object **ret_items)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, sql, params, &rows);
	if (st != STATUS_OK)
		return st;
	struct json_object *items = json_object_new_array();
	for (int row = 0; row < PQntuples(rows); row++)
		json_array_push(items, row_value(rows, row));
	*ret_items = items;
	return STATUS_OK;
}

enum status listing_one(struct db *db, const char *sql, struct params params,
			struct json_object **ret_object)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, sql, params, &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_object = row_value(rows, 0);
	return STATUS_OK;
}
