/* The audit trail. */
#include "store/audit.h"

#include "queries.h"
#include "store/db.h"

enum status audit_write(struct db *db, struct arena *arena, const struct audit_event *event)
{
	return db_run(db, audit_write_sql,
		      PARAMS(event->event, param_id(arena, event->user_id),
			     param_id(arena, event->account_id), event->code, event->log_id));
}
