/* Sessions. */
#include "store/session.h"

#include "base/arena.h"
#include "base/config.h"
#include "base/token.h"
#include "queries.h"
#include "store/audit.h"
#include "store/db.h"

static const char purpose[] = "session";

static enum status find(struct db *db, struct arena *arena, const struct config *config,
			const char *session_id, bool to_erase, int64_t *ret_user_id,
			bool *ret_only_erases)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, session_find_sql,
			 PARAMS(token_hash(arena, purpose, session_id),
				param_int(arena, config->session_idle_hours), param_bool(to_erase)),
			 &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_user_id = row_int(rows, 0, "user_id");
	*ret_only_erases = row_bool(rows, 0, "only_erases");
	if (!row_bool(rows, 0, "stale"))
		return STATUS_OK;
	return db_run(db, session_touch_sql, PARAMS(token_hash(arena, purpose, session_id)));
}

enum status session_find(struct db *db, struct arena *arena, const struct config *config,
			 const char *session_id, int64_t *ret_user_id)
{
	bool only_erases;
	return find(db, arena, config, session_id, false, ret_user_id, &only_erases);
}

enum status session_find_to_erase(struct db *db, struct arena *arena, const struct config *config,
				  const char *session_id, int64_t *ret_user_id,
				  bool *ret_only_erases)
{
	return find(db, arena, config, session_id, true, ret_user_id, ret_only_erases);
}

static enum status open_for(struct db *db, struct arena *arena, int64_t user_id, int64_t seconds,
			    const char *what, const char **ret_session_id)
{
	const char *session_id = token_new(arena);
	enum status st = db_run(db, session_open_sql,
				PARAMS(token_hash(arena, purpose, session_id),
				       param_int(arena, user_id), param_int(arena, seconds), what));
	if (st == STATUS_OK)
		*ret_session_id = session_id;
	return st;
}

enum status session_open(struct db *db, struct arena *arena, const struct config *config,
			 int64_t user_id, const char **ret_session_id)
{
	return open_for(db, arena, user_id, config->session_absolute_days * 86400, "all",
			ret_session_id);
}

enum status session_open_to_erase(struct db *db, struct arena *arena, int64_t user_id,
				  const char **ret_session_id)
{
	return open_for(db, arena, user_id, SESSION_TO_ERASE_SECONDS, "erase", ret_session_id);
}

enum status session_close(struct db *db, struct arena *arena, const char *session_id)
{
	return db_run_any(db, session_close_sql, PARAMS(token_hash(arena, purpose, session_id)));
}

static enum status commit_audited(struct db *db, struct arena *arena, enum status st,
				  const struct audit_event *event)
{
	if (st == STATUS_OK && event->user_id)
		st = audit_write(db, arena, event);
	return db_end(db, st);
}

enum status session_sign_out(struct db *db, struct arena *arena, const char *session_id,
			     int64_t user_id, const char *address)
{
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = session_close(db, arena, session_id);
	return commit_audited(db, arena, st,
			      &(struct audit_event){ .event = "sign_out",
						     .user_id = user_id,
						     .address = address });
}

enum status session_sign_out_everywhere(struct db *db, struct arena *arena, int64_t user_id,
					const char *address)
{
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = db_run(db, session_close_all_sql, PARAMS(param_int(arena, user_id)));
	if (st == STATUS_NOT_FOUND)
		st = STATUS_OK;
	return commit_audited(db, arena, st,
			      &(struct audit_event){ .event = "signed_out_everywhere",
						     .user_id = user_id,
						     .address = address });
}
