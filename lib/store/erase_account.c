/* Erasing one account. */
#include "store/erase_account.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/log.h"
#include "queries.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/deletion.h"

enum { ROWS_AT_ONCE = 500 };

enum status erase_account_next(struct db *db, struct arena *arena, int64_t after_id,
			       struct erase_account_work *ret_work)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, erase_account_next_sql, PARAMS(param_int(arena, after_id)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_work = (struct erase_account_work){
		.id = row_int(rows, 0, "id"),
		.user_id = row_int(rows, 0, "user_id"),
		.is_last = row_bool(rows, 0, "is_last"),
		.age_hours = row_int(rows, 0, "age_hours"),
		.posts_under_way = row_int(rows, 0, "posts_under_way"),
	};
	return STATUS_OK;
}

static enum status remove_account(struct db *db, struct arena *arena,
				  const struct erase_account_work *work)
{
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = db_run(db, erase_account_row_sql, PARAMS(param_int(arena, work->id)));
	if (st == STATUS_OK)
		st = audit_write(db, arena,
				 &(struct audit_event){ .event = "account_erased",
							.user_id = work->user_id,
							.account_id = work->id,
							.code = "auth_removed" });
	st = db_end(db, st);
	if (st == STATUS_OK)
		log_info("account_erased account=%" PRId64, work->id);
	/* Connected again in this moment, or gone. */
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

static enum status erase_user(struct db *db, struct arena *arena,
			      const struct erase_account_work *work)
{
	struct deletion_opened opened;
	const struct deletion_ask ask = { .user_id = work->user_id,
					  .origin = "webhook",
					  .reason = "auth_removed" };
	enum status st = db_begin(db);
	/* Whoever connects it again in this moment waits, or is seen. */
	if (st == STATUS_OK)
		st = db_run(db, erase_account_lock_sql, PARAMS(param_int(arena, work->id)));
	if (st == STATUS_OK)
		st = deletion_open(db, arena, &ask, &opened);
	if (st == STATUS_OK)
		st = audit_write(db, arena,
				 &(struct audit_event){ .event = "deletion_requested",
							.user_id = work->user_id,
							.account_id = work->id,
							.code = ask.origin,
							.subject_id = opened.id });
	st = db_end(db, st);
	/* Asked for or connected again in this moment, or gone. */
	return st == STATUS_CONFLICT || st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

enum status erase_account_step(struct db *db, struct arena *arena,
			       const struct erase_account_work *work, bool *ret_left)
{
	const char *account = param_int(arena, work->id), *count = param_int(arena, ROWS_AT_ONCE);
	*ret_left = false;
	if (work->is_last)
		return erase_user(db, arena, work);
	/* Deliveries are found by what attempts and account say. */
	enum status st = db_run(db, erase_account_webhooks_sql, PARAMS(account, count));
	if (st == STATUS_NOT_FOUND)
		st = db_run(db, erase_account_events_sql, PARAMS(account, count));
	if (st == STATUS_NOT_FOUND)
		st = db_run(db, erase_account_posts_sql, PARAMS(account, count));
	*ret_left = st == STATUS_OK;
	return st == STATUS_NOT_FOUND ? remove_account(db, arena, work) : st;
}
