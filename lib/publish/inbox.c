/* The webhook inbox: a shortcut to what polling would find, never a replacement. */
#include "publish/inbox.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "queries.h"
#include "store/db.h"

enum { BATCH_MAX = 100 };

struct delivery {
	const char *id, *event, *open_id, *publish_id, *public_id, *reason, *sent_at;
};

/* The status says it with authority, so it is asked now; only the public id comes by webhook alone. */
static enum status handle_publish(struct db *db, const struct delivery *delivery)
{
	if (strcmp(delivery->event, "post.publish.publicly_available") == 0 && delivery->public_id)
		return db_run(db, inbox_public_sql,
			      PARAMS(delivery->publish_id, delivery->open_id, delivery->public_id));
	if (strcmp(delivery->event, "post.publish.no_longer_publicaly_available") == 0)
		return db_run(db, inbox_private_sql,
			      PARAMS(delivery->publish_id, delivery->open_id));
	return db_run(db, inbox_check_sql,
		      PARAMS(delivery->publish_id, delivery->open_id, delivery->event));
}

static enum status handle(struct db *db, struct arena *arena, const struct delivery *delivery,
			  int64_t removed_days)
{
	if (strcmp(delivery->event, "authorization.removed") == 0)
		return db_run(db, inbox_removed_sql,
			      PARAMS(delivery->open_id, delivery->sent_at, delivery->reason,
				     param_int(arena, removed_days)));
	if (!delivery->publish_id)
		return STATUS_NOT_FOUND;
	enum status st = handle_publish(db, delivery);
	if (st == STATUS_NOT_FOUND)
		st = db_run(db, inbox_earlier_sql,
			    PARAMS(delivery->publish_id, delivery->open_id, delivery->event));
	return st;
}

static enum status handle_one(struct db *db, struct arena *arena, int64_t removed_days,
			      bool *ret_found)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, inbox_next_sql, NO_PARAMS, &rows);
	*ret_found = st == STATUS_OK && PQntuples(rows) > 0;
	if (!*ret_found)
		return st;
	struct delivery delivery = {
		.id = row_text(arena, rows, 0, "id"),
		.event = row_text(arena, rows, 0, "event"),
		.open_id = row_text(arena, rows, 0, "open_id"),
		.publish_id = row_text(arena, rows, 0, "publish_id"),
		.public_id = row_text(arena, rows, 0, "public_id"),
		.reason = row_text(arena, rows, 0, "reason"),
		.sent_at = row_text(arena, rows, 0, "sent_at"),
	};
	st = handle(db, arena, &delivery, removed_days);
	if (st != STATUS_OK && st != STATUS_NOT_FOUND)
		return st;
	log_info("webhook_handled event=%s row=%s matched=%d", delivery.event, delivery.id,
		 st == STATUS_OK);
	/* It may have come before the publish_id was durable: it is looked at again for ten minutes (P23). */
	return db_run(db, inbox_done_sql, PARAMS(delivery.id, param_bool(st == STATUS_OK)));
}

enum status inbox_handle(struct db *db, struct arena *arena, int64_t removed_days)
{
	for (int i = 0; i < BATCH_MAX; i++) {
		bool found = false;
		enum status st = db_begin(db);
		if (st == STATUS_OK)
			st = handle_one(db, arena, removed_days, &found);
		if (st == STATUS_OK || st == STATUS_NOT_FOUND)
			st = db_commit(db);
		else
			db_rollback(db);
		if (st != STATUS_OK || !found)
			return st;
	}
	return STATUS_OK;
}
