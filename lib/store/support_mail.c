/* The queue of support mail: columns of the messages themselves. */
#include "store/support_mail.h"

#include <string.h>

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

enum status support_mail_claim(struct db *db, struct arena *arena, struct support_mail *ret_mail)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, support_mail_claim_sql,
				  PARAMS(param_int(arena, SUPPORT_MAIL_TRIES)), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_mail = (struct support_mail){
		.message_id = row_int(rows, 0, "id"),
		.thread_id = row_int(rows, 0, "thread_id"),
		.user_id = row_int(rows, 0, "user_id"),
		.is_answer = strcmp(row_text(arena, rows, 0, "author"), "operator") == 0,
		.kind = row_text(arena, rows, 0, "kind"),
		.subject = row_text(arena, rows, 0, "subject"),
		.email = row_text(arena, rows, 0, "email"),
		.tiktok_name = row_text(arena, rows, 0, "tiktok_name"),
		.body = row_text(arena, rows, 0, "body"),
		.tries = row_int(rows, 0, "mail_tries"),
	};
	return STATUS_OK;
}

enum status support_mail_done(struct db *db, struct arena *arena, int64_t message_id)
{
	/* It may have been erased meanwhile. */
	return db_run_any(db, support_mail_done_sql, PARAMS(param_int(arena, message_id)));
}
