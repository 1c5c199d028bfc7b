/* Sign-ins under way. */
#include "store/oauth_state.h"

#include "base/arena.h"
#include "base/token.h"
#include "queries.h"
#include "store/db.h"

enum { STARTS_MAX = 30 };

static const char state_purpose[] = "oauth state";
static const char browser_purpose[] = "oauth browser";

enum status oauth_state_open(struct db *db, struct arena *arena, const char *browser,
			     const struct oauth_state *begun, const char **ret_state)
{
	if (begun->account_id) {
		enum status st = db_run(db, account_is_owned_sql,
					PARAMS(param_int(arena, begun->account_id),
					       param_int(arena, begun->user_id)));
		if (st != STATUS_OK)
			return st;
	}
	const char *state = token_new(arena);
	enum status st = db_run(
		db, oauth_state_open_sql,
		PARAMS(token_hash(arena, state_purpose, state),
		       token_hash(arena, browser_purpose, browser), param_id(arena, begun->user_id),
		       param_id(arena, begun->account_id), begun->return_path, begun->code_verifier,
		       param_int(arena, OAUTH_STATE_SECONDS), param_int(arena, STARTS_MAX),
		       begun->to_erase ? "erase" : "connect"));
	if (st == STATUS_OK)
		*ret_state = state;
	return st == STATUS_NOT_FOUND ? STATUS_REFUSED : st;
}

enum status oauth_state_take(struct db *db, struct arena *arena, const char *state,
			     const char *browser, struct oauth_state *ret_begun)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	/* Only hashes are compared, so the time that takes tells nothing about the words. */
	enum status st = db_query(db, oauth_state_take_sql,
				  PARAMS(token_hash(arena, state_purpose, state),
					 token_hash(arena, browser_purpose, browser)),
				  &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_begun = (struct oauth_state){
		.user_id = row_int(rows, 0, "user_id"),
		.account_id = row_int(rows, 0, "account_id"),
		.return_path = row_text(arena, rows, 0, "return_path"),
		.code_verifier = row_text(arena, rows, 0, "code_verifier"),
		.to_erase = row_bool(rows, 0, "to_erase"),
	};
	return STATUS_OK;
}
