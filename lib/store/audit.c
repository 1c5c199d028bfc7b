/* The audit trail. */
#include "store/audit.h"

#include <arpa/inet.h>
#include <stdbool.h>

#include "queries.h"
#include "store/db.h"

/* What nginx hands over is an address; an event is not lost for one that is none. */
static bool is_address(const char *text)
{
	struct in6_addr bytes;
	return text &&
	       (inet_pton(AF_INET, text, &bytes) == 1 || inet_pton(AF_INET6, text, &bytes) == 1);
}

/* Each role may write the columns that are its own and no others. */
enum status audit_write(struct db *db, struct arena *arena, const struct audit_event *event)
{
	const char *user = param_id(arena, event->user_id);
	const char *account = param_id(arena, event->account_id);
	const char *post = param_id(arena, event->post_id);
	const char *subject = param_id(arena, event->subject_id);
	if (event->actor)
		return db_run(db, audit_write_operator_sql,
			      PARAMS(event->event, user, account, post, subject, event->code,
				     event->log_id, event->actor));
	if (is_address(event->address))
		return db_run(db, audit_write_address_sql,
			      PARAMS(event->event, user, account, post, subject, event->code,
				     event->log_id, event->address));
	return db_run(
		db, audit_write_sql,
		PARAMS(event->event, user, account, post, subject, event->code, event->log_id));
}
