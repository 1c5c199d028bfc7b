/* Consent to policy and terms. */
#include "store/consent.h"

#include "queries.h"
#include "store/audit.h"
#include "store/db.h"

enum status consent_find(struct db *db, struct arena *arena, int64_t user_id, const char *version,
			 bool *ret_given)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, consent_find_sql, PARAMS(param_int(arena, user_id), version), &rows);
	if (st == STATUS_OK)
		*ret_given = PQntuples(rows) > 0;
	return st;
}

enum status consent_record(struct db *db, struct arena *arena, const struct consent *consent)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, consent_record_sql,
				  PARAMS(param_int(arena, consent->user_id), consent->version,
					 consent->language == WORDS_RU ? "ru" : "en", consent->how),
				  &rows);
	if (st != STATUS_OK || PQntuples(rows) == 0)
		return st;
	return audit_write(db, arena,
			   &(struct audit_event){ .event = "policy_accepted",
						  .user_id = consent->user_id,
						  .code = consent->version,
						  .address = consent->address });
}
