/* Storing a connection. */
#include "store/connect.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/log.h"
#include "base/secretbox.h"
#include "queries.h"
#include "store/audit.h"
#include "store/consent.h"
#include "store/db.h"
#include "store/session.h"

enum connect_outcome connect_decide(const struct connect_found *found, int64_t user_id,
				    int64_t account_id)
{
	bool mine = found->user_id != 0 && found->user_id == user_id;
	if (found->live && user_id && !mine)
		return CONNECT_OTHER_USER;
	if (account_id && found->account_id != account_id)
		return CONNECT_OTHER_ACCOUNT;
	if (found->live && found->ending)
		return CONNECT_ENDING;
	if (user_id)
		return mine ? CONNECT_RECONNECTED : CONNECT_ADDED;
	if (found->live)
		return CONNECT_SIGNED_IN;
	/*
	 * A disconnected account is no key to a user who has others; but it is the only way back
	 * for one who has disconnected the last.
	 */
	if (found->user_id && !found->user_has_live && !found->ending)
		return CONNECT_SIGNED_IN;
	return CONNECT_NEW_USER;
}

static const char *outcome_name(enum connect_outcome outcome)
{
	switch (outcome) {
	case CONNECT_NEW_USER:
		return "new_user";
	case CONNECT_ADDED:
		return "added";
	case CONNECT_RECONNECTED:
		return "reconnected";
	case CONNECT_SIGNED_IN:
		return "signed_in";
	case CONNECT_OTHER_ACCOUNT:
		return "other_account";
	case CONNECT_OTHER_USER:
		return "other_user";
	case CONNECT_ENDING:
		return "ending";
	}
	return "unknown";
}

static enum status find(struct db *db, struct arena *arena, const struct connect_grant *grant,
			struct connect_found *ret_found)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, connect_find_sql,
				  PARAMS(grant->open_id, param_int(arena, grant->user_id)), &rows);
	if (st != STATUS_OK)
		return st;
	*ret_found = (struct connect_found){ 0 };
	if (PQntuples(rows) > 0)
		*ret_found = (struct connect_found){
			.account_id = row_int(rows, 0, "id"),
			.user_id = row_int(rows, 0, "user_id"),
			.live = row_bool(rows, 0, "live"),
			.in_use = row_bool(rows, 0, "in_use"),
			.ending = row_bool(rows, 0, "ending"),
			.user_has_live = row_bool(rows, 0, "user_has_live"),
		};
	return STATUS_OK;
}

/* The number that a RETURNING or SELECT of one row and column gives. */
static enum status query_number(struct db *db, const char *sql, struct params params,
				const char *column, int64_t *ret_number)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, sql, params, &rows);
	if (st == STATUS_OK)
		*ret_number = PQntuples(rows) > 0 ? row_int(rows, 0, column) : 0;
	return st;
}

static enum status store_account(struct db *db, struct arena *arena,
				 const struct connect_grant *grant,
				 const struct connect_found *found, struct connect_result *result)
{
	bool known = result->outcome == CONNECT_RECONNECTED || result->outcome == CONNECT_SIGNED_IN;
	if (known) {
		result->user_id = found->user_id;
		result->account_id = found->account_id;
		return db_run(db, connect_account_again_sql,
			      PARAMS(param_int(arena, found->account_id), grant->display_name,
				     grant->username, grant->avatar_url, grant->scope));
	}
	result->user_id = grant->user_id;
	enum status st = STATUS_OK;
	if (result->outcome == CONNECT_NEW_USER)
		st = query_number(db, connect_user_new_sql, NO_PARAMS, "id", &result->user_id);
	if (st != STATUS_OK)
		return st;
	return query_number(db, connect_account_new_sql,
			    PARAMS(param_int(arena, result->user_id), grant->open_id,
				   grant->display_name, grant->username, grant->avatar_url,
				   grant->scope),
			    "id", &result->account_id);
}

static enum status store_tokens(struct db *db, struct arena *arena,
				const struct secretbox_keys *keys,
				const struct connect_grant *grant, int64_t account_id)
{
	const char *id = param_int(arena, account_id), *access, *refresh;
	int64_t version;
	enum status st =
		query_number(db, connect_token_version_sql, PARAMS(id), "version", &version);
	if (st != STATUS_OK)
		return st;
	struct secretbox_place place = { SECRETBOX_ACCESS_TOKEN, account_id, 0, version + 1 };
	secretbox_seal(arena, keys, place, grant->access_token, &access);
	place.kind = SECRETBOX_REFRESH_TOKEN;
	secretbox_seal(arena, keys, place, grant->refresh_token, &refresh);
	return db_run(db, connect_token_store_sql,
		      PARAMS(id, param_int(arena, version + 1), access, refresh,
			     param_int(arena, grant->expires_in),
			     param_int(arena, grant->refresh_expires_in)));
}

static enum status resume_posts(struct db *db, struct arena *arena, const struct config *config,
				struct connect_result *result)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, connect_resume_posts_sql,
				  PARAMS(param_int(arena, result->account_id),
					 param_int(arena, config->publisher_late_minutes)),
				  &rows);
	if (st == STATUS_OK) {
		result->posts_resumed = row_int(rows, 0, "resumed");
		result->posts_late = row_int(rows, 0, "late");
	}
	return st;
}

static enum status audit(struct db *db, struct arena *arena, const struct connect_grant *grant,
			 const struct connect_result *result, const char *event)
{
	return audit_write(db, arena,
			   &(struct audit_event){ .event = event,
						  .user_id = result->user_id,
						  .account_id = result->account_id,
						  .code = outcome_name(result->outcome),
						  .address = grant->address });
}

/* A new user agrees to the texts by connecting: the page with the button says so. */
static enum status record_consent(struct db *db, struct arena *arena,
				  const struct connect_grant *grant, int64_t user_id)
{
	return consent_record(db, arena,
			      &(struct consent){ .user_id = user_id,
						 .version = grant->policy_version,
						 .language = grant->policy_language,
						 .how = "connect",
						 .address = grant->address });
}

static enum status store_session(struct db *db, struct arena *arena, const struct config *config,
				 const struct connect_grant *grant, struct connect_result *result)
{
	enum status st = STATUS_OK;
	/* The id from before is dead from here on, whoever may have planted it (B20). */
	if (grant->session_id)
		st = session_close(db, arena, grant->session_id);
	if (st == STATUS_OK)
		st = session_open(db, arena, config, result->user_id, &result->session_id);
	return st;
}

static enum status connect_in_transaction(struct db *db, struct arena *arena,
					  const struct config *config,
					  const struct secretbox_keys *keys,
					  const struct connect_grant *grant,
					  struct connect_result *result)
{
	struct connect_found found;
	enum status st = find(db, arena, grant, &found);
	if (st != STATUS_OK)
		return st;
	result->outcome = connect_decide(&found, grant->user_id, grant->account_id);
	if (!connect_succeeded(result->outcome)) {
		result->user_id = grant->user_id;
		result->account_id = found.account_id;
		return audit(db, arena, grant, result, "connect_refused");
	}
	st = store_account(db, arena, grant, &found, result);
	if (st == STATUS_OK)
		st = store_tokens(db, arena, keys, grant, result->account_id);
	if (st == STATUS_OK)
		st = resume_posts(db, arena, config, result);
	if (st == STATUS_OK)
		st = store_session(db, arena, config, grant, result);
	/* The end of the record is locked from here on, so nothing else follows. */
	if (st == STATUS_OK && result->outcome == CONNECT_NEW_USER)
		st = record_consent(db, arena, grant, result->user_id);
	if (st == STATUS_OK && !grant->user_id)
		st = audit(db, arena, grant, result, "sign_in");
	if (st == STATUS_OK)
		st = audit(db, arena, grant, result,
			   found.account_id == result->account_id ? "reconnect" : "connect");
	return st;
}

static enum status connect_once(struct db *db, struct arena *arena, const struct config *config,
				const struct secretbox_keys *keys,
				const struct connect_grant *grant,
				struct connect_result *ret_result)
{
	struct connect_result result = { 0 };
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = connect_in_transaction(db, arena, config, keys, grant, &result);
	st = db_end(db, st);
	if (st != STATUS_OK)
		return st;
	*ret_result = result;
	return STATUS_OK;
}

static enum status expected_name(struct db *db, struct arena *arena,
				 const struct connect_grant *grant, const char **ret_name)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(
		db, connect_expected_sql,
		PARAMS(param_int(arena, grant->account_id), param_int(arena, grant->user_id)),
		&rows);
	if (st == STATUS_OK)
		*ret_name = PQntuples(rows) > 0 ? row_text(arena, rows, 0, "name") : "";
	return st;
}

enum status connect_account(struct db *db, struct arena *arena, const struct config *config,
			    const struct secretbox_keys *keys, const struct connect_grant *grant,
			    struct connect_result *ret_result)
{
	/* Two browsers may connect a new account in the same moment: the second then finds it. */
	enum status st = connect_once(db, arena, config, keys, grant, ret_result);
	if (st == STATUS_CONFLICT)
		st = connect_once(db, arena, config, keys, grant, ret_result);
	if (st != STATUS_OK)
		return st;
	if (ret_result->outcome == CONNECT_OTHER_ACCOUNT)
		st = expected_name(db, arena, grant, &ret_result->expected_name);
	log_info("connect outcome=%s user=%" PRId64 " account=%" PRId64 " posts_resumed=%" PRId64
		 " posts_late=%" PRId64,
		 outcome_name(ret_result->outcome), ret_result->user_id, ret_result->account_id,
		 ret_result->posts_resumed, ret_result->posts_late);
	return st;
}

static enum status prove_in_transaction(struct db *db, struct arena *arena, const char *open_id,
					const char *session_id, const char *address,
					struct connect_proof *proof)
{
	struct connect_found found;
	enum status st = find(db, arena, &(struct connect_grant){ .open_id = open_id }, &found);
	if (st != STATUS_OK)
		return st;
	enum connect_outcome outcome = connect_decide(&found, 0, 0);
	proof->in_use = found.in_use;
	bool known = outcome == CONNECT_SIGNED_IN || outcome == CONNECT_ENDING;
	if (known)
		proof->user_id = found.user_id;
	if (known && session_id)
		st = session_close(db, arena, session_id);
	if (st == STATUS_OK && known)
		st = session_open_to_erase(db, arena, found.user_id, &proof->session_id);
	if (st == STATUS_OK)
		st = audit_write(db, arena,
				 &(struct audit_event){ .event = "reconnect_to_erase",
							.user_id = proof->user_id,
							.account_id = known ? found.account_id : 0,
							.code = known ? "found" : "nothing_stored",
							.address = known ? address : NULL });
	return st;
}

enum status connect_prove(struct db *db, struct arena *arena, const char *open_id,
			  const char *session_id, const char *address,
			  struct connect_proof *ret_proof)
{
	struct connect_proof proof = { 0 };
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = prove_in_transaction(db, arena, open_id, session_id, address, &proof);
	st = db_end(db, st);
	if (st != STATUS_OK)
		return st;
	log_info("connect_prove user=%" PRId64 " in_use=%d", proof.user_id, proof.in_use);
	*ret_proof = proof;
	return STATUS_OK;
}
