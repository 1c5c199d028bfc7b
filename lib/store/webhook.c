/* Webhook deliveries. */
#include "store/webhook.h"

#include "queries.h"
#include "store/db.h"

enum status webhook_store(struct db *db, struct arena *arena, const struct webhook_event *event,
			  bool *ret_is_new)
{
	enum status st =
		db_run(db, webhook_store_sql,
		       PARAMS(event->dedupe_key, event->event, event->open_id, event->publish_id,
			      event->public_id, event->reason, param_id(arena, event->sent_at),
			      event->ignored ? "ignored" : "new"));
	if (st != STATUS_OK && st != STATUS_NOT_FOUND)
		return st;
	*ret_is_new = st == STATUS_OK;
	return STATUS_OK;
}
