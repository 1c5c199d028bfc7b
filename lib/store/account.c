/* Accounts of a user. */
#include "store/account.h"

#include "base/arena.h"
#include "queries.h"
#include "store/audit.h"
#include "store/db.h"

static struct account account_from_row(struct arena *arena, const PGresult *rows, int row)
{
	return (struct account){
		.id = row_int(rows, row, "id"),
		.open_id = row_text(arena, rows, row, "open_id"),
		.display_name = row_text(arena, rows, row, "display_name"),
		.username = row_text(arena, rows, row, "username"),
		.avatar_url = row_text(arena, rows, row, "avatar_url"),
		.scopes = row_text(arena, rows, row, "scopes"),
		.state = row_text(arena, rows, row, "state"),
		.state_reason = row_text(arena, rows, row, "state_reason"),
		.connected_at = row_moment(arena, rows, row, "connected_at"),
	};
}

static enum status account_read(struct db *db, struct arena *arena, int64_t user_id,
				int64_t account_id, struct account **ret_accounts,
				size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, account_read_sql,
			 PARAMS(param_int(arena, user_id), param_id(arena, account_id)), &rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	struct account *accounts = arena_alloc(arena, (count + 1) * sizeof(*accounts));
	for (size_t i = 0; i < count; i++)
		accounts[i] = account_from_row(arena, rows, (int)i);
	*ret_accounts = accounts;
	*ret_count = count;
	return STATUS_OK;
}

enum status account_list(struct db *db, struct arena *arena, int64_t user_id,
			 struct account **ret_accounts, size_t *ret_count)
{
	return account_read(db, arena, user_id, 0, ret_accounts, ret_count);
}

enum status account_get(struct db *db, struct arena *arena, int64_t user_id, int64_t account_id,
			struct account *ret_account)
{
	struct account *accounts;
	size_t count;
	enum status st = account_read(db, arena, user_id, account_id, &accounts, &count);
	if (st != STATUS_OK)
		return st;
	if (count == 0)
		return STATUS_NOT_FOUND;
	*ret_account = accounts[0];
	return STATUS_OK;
}

enum status account_disconnect(struct db *db, struct arena *arena, int64_t user_id,
			       int64_t account_id, const char *address)
{
	struct params params = PARAMS(param_int(arena, user_id), param_int(arena, account_id));
	CLEANUP(PQclear) PGresult *held = NULL;
	/*
	 * Two statements: the first waits for whoever is just scheduling for this account, so that
	 * the second, with a snapshot of its own, sees that post.
	 */
	enum status st = db_begin(db);
	if (st != STATUS_OK)
		return st;
	st = db_run(db, account_disconnect_sql, params);
	if (st == STATUS_NOT_FOUND) {
		struct account account;
		db_rollback(db);
		return account_get(db, arena, user_id, account_id, &account);
	}
	if (st == STATUS_OK)
		st = db_query(db, account_hold_posts_sql, params, &held);
	if (st == STATUS_OK)
		st = audit_write(db, arena,
				 &(struct audit_event){ .event = "account_disconnecting",
							.user_id = user_id,
							.account_id = account_id,
							.address = address });
	if (st == STATUS_OK)
		return db_commit(db);
	db_rollback(db);
	return st;
}
