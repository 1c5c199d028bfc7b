/* The thin layer over libpq. */
#include "store/db.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/number.h"
#include "queries.h"

struct db {
	PGconn *connection;
	bool in_transaction;
};

static enum status status_of_sqlstate(const char *sqlstate)
{
	static const struct {
		const char *prefix;
		enum status status;
	} classes[] = {
		{ "23505", STATUS_CONFLICT }, { "23P01", STATUS_CONFLICT },
		{ "23514", STATUS_INVALID },  { "23502", STATUS_INVALID },
		{ "23503", STATUS_INVALID },  { "22", STATUS_INVALID },
		{ "08", STATUS_RETRY },	      { "40", STATUS_RETRY },
		{ "53", STATUS_RETRY },	      { "55P03", STATUS_RETRY },
		{ "57", STATUS_RETRY },
	};
	if (!sqlstate)
		return STATUS_RETRY;
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		if (strncmp(sqlstate, classes[i].prefix, strlen(classes[i].prefix)) == 0)
			return classes[i].status;
	}
	return STATUS_BROKEN;
}

/* The first line of a server's message; parameters never stand there (log_parameter_max_length 0). */
static void log_failure(const char *event, const PGresult *rows, const char *message,
			const char *sql)
{
	const char *state = rows ? PQresultErrorField(rows, PG_DIAG_SQLSTATE) : NULL;
	const char *primary = rows ? PQresultErrorField(rows, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	if (!primary)
		primary = message;
	log_error("%s sqlstate=%s message=%.*s statement=%.*s", event, state ? state : "-",
		  (int)strcspn(primary, "\n"), primary, (int)strcspn(sql, "\n:"), sql);
}

static void ignore_notice(void *context, const PGresult *rows)
{
	(void)context;
	(void)rows;
}

static enum status schema_check(struct db *db)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, schema_version_sql, NO_PARAMS, &rows);
	if (st != STATUS_OK)
		return st;
	const char *found = PQntuples(rows) == 1 ? PQgetvalue(rows, 0, 0) : "none";
	if (strcmp(found, DB_SCHEMA_VERSION) != 0) {
		log_error("schema_mismatch expected=%s found=%s remedy=run deploy/migrate, or "
			  "install the programs that belong to this database",
			  DB_SCHEMA_VERSION, found);
		return STATUS_BROKEN;
	}
	return STATUS_OK;
}

enum status db_open(const char *conninfo, const char *program, struct db **ret_db)
{
	const char *const names[] = { "dbname",
				      "fallback_application_name",
				      "connect_timeout",
				      "keepalives_idle",
				      "tcp_user_timeout",
				      "client_encoding",
				      NULL };
	const char *const values[] = { conninfo, program, "5", "30", "30000", "UTF8", NULL };
	struct db *db = calloc(1, sizeof(*db));
	if (!db)
		log_die("out_of_memory");
	db->connection = PQconnectdbParams(names, values, /* expand_dbname= */ 1);
	if (PQstatus(db->connection) != CONNECTION_OK) {
		const char *message = PQerrorMessage(db->connection);
		log_warn("database_unreachable message=%.*s", (int)strcspn(message, "\n"), message);
		db_close(db);
		return STATUS_RETRY;
	}
	PQsetNoticeReceiver(db->connection, ignore_notice, NULL);
	enum status st = schema_check(db);
	if (st != STATUS_OK) {
		db_close(db);
		return st;
	}
	*ret_db = db;
	return STATUS_OK;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	PQfinish(db->connection);
	free(db);
}

bool db_is_alive(const struct db *db)
{
	return PQstatus(db->connection) == CONNECTION_OK;
}

const char *param_int(struct arena *arena, int64_t value)
{
	return arena_printf(arena, "%" PRId64, value);
}

const char *param_id(struct arena *arena, int64_t id)
{
	return id ? param_int(arena, id) : NULL;
}

const char *param_bool(bool value)
{
	return value ? "true" : "false";
}

const char *param_int_array(struct arena *arena, const int64_t *values, size_t count)
{
	const char **texts = arena_alloc(arena, (count + 1) * sizeof(*texts));
	for (size_t i = 0; i < count; i++)
		texts[i] = param_int(arena, values[i]);
	return param_text_array(arena, texts, count);
}

const char *param_text_array(struct arena *arena, const char *const *texts, size_t count)
{
	CLEANUP(buf) struct buf out = BUF_INIT(1024 * 1024);
	buf_puts(&out, "{");
	for (size_t i = 0; i < count; i++) {
		buf_puts(&out, i ? ",\"" : "\"");
		for (const char *byte = texts[i]; *byte; byte++) {
			if (*byte == '"' || *byte == '\\')
				buf_puts(&out, "\\");
			buf_append(&out, byte, 1);
		}
		buf_puts(&out, "\"");
	}
	buf_puts(&out, "}");
	if (!buf_ok(&out))
		log_die("array_too_long");
	return arena_strdup(arena, buf_text(&out));
}

/* A dead connection is replaced before a statement is sent, never after: the server may have run it. */
static bool reconnect(struct db *db)
{
	db->in_transaction = false;
	PQreset(db->connection);
	if (PQstatus(db->connection) != CONNECTION_OK)
		return false;
	PQsetNoticeReceiver(db->connection, ignore_notice, NULL);
	log_info("database_reconnected");
	return true;
}

/*
 * The server closed the connection while we were idle. It may have said why before: then there is
 * something to read first, and the end comes after it.
 */
static bool connection_is_stale(struct db *db)
{
	while (PQstatus(db->connection) == CONNECTION_OK) {
		struct pollfd input = { .fd = PQsocket(db->connection), .events = POLLIN };
		if (poll(&input, 1, 0) <= 0)
			return false;
		if (PQconsumeInput(db->connection) == 0)
			return true;
	}
	return true;
}

enum status db_query(struct db *db, const char *sql, struct params params, PGresult **ret_rows)
{
	if (connection_is_stale(db) && (db->in_transaction || !reconnect(db))) {
		log_warn("database_gone in_transaction=%d", db->in_transaction);
		return STATUS_RETRY;
	}
	PGresult *rows = PQexecParams(db->connection, sql, params.count, NULL, params.values, NULL,
				      NULL, /* resultFormat= */ 0);
	ExecStatusType result = PQresultStatus(rows);
	if (result == PGRES_TUPLES_OK || result == PGRES_COMMAND_OK) {
		*ret_rows = rows;
		return STATUS_OK;
	}
	enum status st = status_of_sqlstate(PQresultErrorField(rows, PG_DIAG_SQLSTATE));
	if (st == STATUS_RETRY || st == STATUS_BROKEN)
		log_failure("query_failed", rows, PQerrorMessage(db->connection), sql);
	PQclear(rows);
	return st;
}

enum status db_run(struct db *db, const char *sql, struct params params)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, sql, params, &rows);
	if (st != STATUS_OK)
		return st;
	if (PQresultStatus(rows) == PGRES_TUPLES_OK)
		return PQntuples(rows) > 0 ? STATUS_OK : STATUS_NOT_FOUND;
	return strcmp(PQcmdTuples(rows), "0") == 0 ? STATUS_NOT_FOUND : STATUS_OK;
}

enum status db_run_count(struct db *db, const char *sql, struct params params, int64_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, sql, params, &rows);
	if (st == STATUS_OK)
		*ret_count = row_count(rows);
	return st;
}

enum status db_run_any(struct db *db, const char *sql, struct params params)
{
	enum status st = db_run(db, sql, params);
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

static enum status transaction_word(struct db *db, const char *word)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	return db_query(db, word, NO_PARAMS, &rows);
}

enum status db_begin(struct db *db)
{
	enum status st = transaction_word(db, "BEGIN");
	db->in_transaction = st == STATUS_OK;
	return st;
}

enum status db_begin_snapshot(struct db *db)
{
	enum status st = transaction_word(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
	db->in_transaction = st == STATUS_OK;
	return st;
}

enum status db_commit(struct db *db)
{
	/* COMMIT of a failed transaction answers ROLLBACK without an error. */
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, "COMMIT", NO_PARAMS, &rows);
	db->in_transaction = false;
	if (st == STATUS_OK && strcmp(PQcmdStatus(rows), "COMMIT") != 0) {
		log_error("commit_was_rollback");
		return STATUS_BROKEN;
	}
	return st;
}

void db_rollback(struct db *db)
{
	if (!db->in_transaction)
		return;
	enum status st = transaction_word(db, "ROLLBACK");
	db->in_transaction = false;
	if (st != STATUS_OK)
		PQreset(db->connection);
}

enum status db_end(struct db *db, enum status st)
{
	if (st == STATUS_OK)
		st = db_commit(db);
	if (st != STATUS_OK)
		db_rollback(db);
	return st;
}

static int column_index(const PGresult *rows, const char *column)
{
	int index = PQfnumber(rows, column);
	if (index < 0)
		log_die("column_unknown name=%s", column);
	return index;
}

const char *row_text(struct arena *arena, const PGresult *rows, int row, const char *column)
{
	int index = column_index(rows, column);
	if (PQgetisnull(rows, row, index))
		return NULL;
	return arena_strndup(arena, PQgetvalue(rows, row, index),
			     (size_t)PQgetlength(rows, row, index));
}

int64_t row_int(const PGresult *rows, int row, const char *column)
{
	int index = column_index(rows, column);
	int64_t value;
	if (PQgetisnull(rows, row, index))
		return 0;
	if (number_parse(PQgetvalue(rows, row, index), INT64_MIN, INT64_MAX, &value) != STATUS_OK)
		log_die("column_not_a_number name=%s", column);
	return value;
}

int64_t row_count(const PGresult *rows)
{
	int64_t count;
	/* The function takes no const, and changes nothing. */
	const char *text = PQcmdTuples((PGresult *)(uintptr_t)rows);
	return number_parse(text, 0, INT64_MAX, &count) == STATUS_OK ? count : 0;
}

bool row_bool(const PGresult *rows, int row, const char *column)
{
	int index = column_index(rows, column);
	return !PQgetisnull(rows, row, index) && PQgetvalue(rows, row, index)[0] == 't';
}

bool row_is_null(const PGresult *rows, int row, const char *column)
{
	return PQgetisnull(rows, row, column_index(rows, column));
}
