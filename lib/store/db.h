/*
 * One PostgreSQL connection. Statements come from sql/queries with parameters only; no prepared
 * statements and no session state, so that a transaction-mode pooler may stand between (design 11).
 * Each program connects as its own role: libpq takes the Unix user's name.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libpq-fe.h>

#include "base/status.h"

struct arena;
struct db;

DEFINE_CLEANUP(PGresult *, PQclear)

/* The schema version that these programs are built for: the newest file of sql/migrations. */
#define DB_SCHEMA_VERSION "0005_privacy"

/*
 * Open a connection and check the schema version. The caller frees with db_close (NULL is fine).
 * program becomes application_name. STATUS_RETRY when the server is not there (logged),
 * STATUS_BROKEN when the schema is older or newer than this program.
 */
MUST_CHECK enum status db_open(const char *conninfo, const char *program, struct db **ret_db);
void db_close(struct db *db);

/* Parameter values as text; NULL is SQL NULL. Build with PARAMS(...) and the param_ functions. */
struct params {
	const char *const *values;
	int count;
};
#define PARAMS(...)                                                                                \
	((struct params){                                                                          \
		(const char *const[]){ __VA_ARGS__ },                                              \
		(int)(sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *)) })
#define NO_PARAMS ((struct params){ NULL, 0 })

/* A number as a parameter. Text of all these lives in the arena, where they take one. */
const char *param_int(struct arena *arena, int64_t value);
/* "0" as SQL NULL, for optional ids. */
const char *param_id(struct arena *arena, int64_t id);
const char *param_bool(bool value);
/* A bigint[] literal. */
const char *param_int_array(struct arena *arena, const int64_t *values, size_t count);
/* A text[] literal; elements are quoted. */
const char *param_text_array(struct arena *arena, const char *const *texts, size_t count);

/*
 * Run one statement. The caller clears ret_rows (CLEANUP(PQclear)).
 * Outside a transaction a dead connection is opened anew and the statement is run once more only if
 * it was never sent. STATUS_CONFLICT: a unique or exclusion key (23505, 23P01); STATUS_INVALID: a
 * value the database refuses (class 22, 23514, 23502, 23503); STATUS_RETRY: connection, deadlock,
 * serialization, time-out, shutdown, too many connections; STATUS_BROKEN: anything else (logged).
 */
MUST_CHECK enum status db_query(struct db *db, const char *sql, struct params params,
				PGresult **ret_rows);

/* The same where the rows do not matter; STATUS_NOT_FOUND when no row was touched or returned. */
MUST_CHECK enum status db_run(struct db *db, const char *sql, struct params params);

/* The same; ret_count is how many rows were touched or returned, 0 among them. */
MUST_CHECK enum status db_run_count(struct db *db, const char *sql, struct params params,
				    int64_t *ret_count);

/* The same where it does not matter either whether there was such a row: never STATUS_NOT_FOUND. */
MUST_CHECK enum status db_run_any(struct db *db, const char *sql, struct params params);

/* Transactions; a failed or forgotten one is rolled back by db_rollback (harmless when none is open). */
MUST_CHECK enum status db_begin(struct db *db);
/* One that changes nothing and sees the database as it is at its first statement, all the way through. */
MUST_CHECK enum status db_begin_snapshot(struct db *db);
MUST_CHECK enum status db_commit(struct db *db);
void db_rollback(struct db *db);
/* The end of a transaction that went as st says: db_commit after STATUS_OK, else, or when that fails, db_rollback. */
MUST_CHECK enum status db_end(struct db *db, enum status st);

/* True while the connection stands. */
bool db_is_alive(const struct db *db);

/*
 * Columns by name; an unknown name ends the process (a query and its reader disagree).
 * Text lives in the arena; NULL stays NULL.
 */
const char *row_text(struct arena *arena, const PGresult *rows, int row, const char *column);
int64_t row_int(const PGresult *rows, int row, const char *column); /* NULL is 0 */
bool row_bool(const PGresult *rows, int row, const char *column);   /* NULL is false */
int64_t row_count(const PGresult *rows); /* that a statement changed or gave */
bool row_is_null(const PGresult *rows, int row, const char *column);
