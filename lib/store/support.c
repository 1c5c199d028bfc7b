/* Support threads, as those see them who write to support. */
#include "store/support.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/token.h"
#include "queries.h"
#include "store/audit.h"
#include "store/db.h"

enum { HOUR_SECONDS = 3600, DAY_SECONDS = 24 * HOUR_SECONDS };

static const char word_purpose[] = "support thread";
static const char form_purpose[] = "support form message";

struct support_thread support_thread_row(struct arena *arena, const PGresult *rows, int row)
{
	return (struct support_thread){
		.id = row_int(rows, row, "id"),
		.user_id = row_int(rows, row, "user_id"),
		.kind = row_text(arena, rows, row, "kind"),
		.state = row_text(arena, rows, row, "state"),
		.subject = row_text(arena, rows, row, "subject"),
		.email = row_text(arena, rows, row, "email"),
		.tiktok_name = row_text(arena, rows, row, "tiktok_name"),
		.created_at = row_moment(arena, rows, row, "created_at"),
		.updated_at = row_moment(arena, rows, row, "updated_at"),
	};
}

/* Whatever was written a moment ago counts: more than max in the columns are too many. */
static enum status check_used(struct arena *arena, const PGresult *rows, const char *whose,
			      int64_t max, int64_t *ret_wait)
{
	if (row_int(rows, 0, arena_printf(arena, "%sused", whose)) <= max)
		return STATUS_OK;
	int64_t wait = row_int(rows, 0, arena_printf(arena, "%swait", whose));
	*ret_wait = wait > 1 ? wait : 1;
	return STATUS_REFUSED;
}

static enum status check_threads(struct db *db, struct arena *arena,
				 const struct support_draft *draft, int64_t thread_id,
				 int64_t *ret_wait)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	bool is_user = draft->user_id != 0;
	enum status st = db_query(db, support_threads_used_sql,
				  PARAMS(param_id(arena, draft->user_id),
					 param_int(arena, is_user ? DAY_SECONDS : HOUR_SECONDS),
					 draft->kind, param_int(arena, thread_id)),
				  &rows);
	if (st == STATUS_OK)
		st = check_used(arena, rows, "",
				is_user ? SUPPORT_USER_THREADS : SUPPORT_OPEN_THREADS, ret_wait);
	if (st == STATUS_OK && !is_user)
		st = check_used(arena, rows, "near_", SUPPORT_NEAR_THREADS, ret_wait);
	return st;
}

static enum status check_messages(struct db *db, struct arena *arena, int64_t user_id,
				  int64_t thread_id, int64_t *ret_wait)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, support_messages_used_sql,
			 PARAMS(param_int(arena, thread_id), param_int(arena, DAY_SECONDS)), &rows);
	if (st == STATUS_OK)
		st = check_used(arena, rows, "",
				user_id ? SUPPORT_USER_MESSAGES : SUPPORT_THREAD_MESSAGES,
				ret_wait);
	if (st == STATUS_OK && !user_id)
		st = check_used(arena, rows, "open_", SUPPORT_OPEN_MESSAGES, ret_wait);
	if (st == STATUS_OK && !user_id)
		st = check_used(arena, rows, "near_", SUPPORT_NEAR_MESSAGES, ret_wait);
	return st;
}

/* One new message at a time, of a user or of everybody who is signed out: they are counted. */
static enum status lock_writer(struct db *db, struct arena *arena, int64_t user_id)
{
	return db_run(
		db, support_lock_sql,
		PARAMS(user_id ? arena_printf(arena, "user %" PRId64, user_id) : "everybody"));
}

static enum status thread_known(struct db *db, const char *hash, int64_t *ret_thread_id)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, support_thread_known_sql, PARAMS(hash), &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_CONFLICT;
	*ret_thread_id = row_int(rows, 0, "id");
	return STATUS_OK;
}

/* STATUS_NOT_FOUND: it is there already. */
static enum status thread_insert(struct db *db, struct arena *arena,
				 const struct support_draft *draft, const char *hash,
				 int64_t *ret_thread_id)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, support_thread_new_sql,
			 PARAMS(param_id(arena, draft->user_id), hash, draft->kind,
				draft->tiktok_name, draft->email, draft->subject, draft->address),
			 &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_thread_id = row_int(rows, 0, "id");
	return STATUS_OK;
}

static enum status open_in_transaction(struct db *db, struct arena *arena,
				       const struct support_draft *draft, const char *hash,
				       int64_t *ret_thread_id, int64_t *ret_wait)
{
	enum status st = lock_writer(db, arena, draft->user_id);
	if (st == STATUS_OK)
		st = thread_insert(db, arena, draft, hash, ret_thread_id);
	if (st == STATUS_NOT_FOUND)
		return thread_known(db, hash, ret_thread_id);
	if (st == STATUS_OK)
		st = db_run(db, support_message_new_sql,
			    PARAMS(param_int(arena, *ret_thread_id), "user", draft->body, NULL));
	if (st == STATUS_OK)
		st = check_threads(db, arena, draft, *ret_thread_id, ret_wait);
	if (st == STATUS_OK)
		st = check_messages(db, arena, draft->user_id, *ret_thread_id, ret_wait);
	if (st == STATUS_OK)
		st = audit_write(db, arena,
				 &(struct audit_event){ .event = "support_opened",
							.user_id = draft->user_id,
							.subject_id = *ret_thread_id,
							.address = draft->address });
	return st;
}

enum status support_open(struct db *db, struct arena *arena, const struct support_draft *draft,
			 int64_t *ret_thread_id, const char **ret_word, int64_t *ret_wait)
{
	/* All of it, so that a form that was changed and sent again loses nothing. */
	const char *word = token_derive(arena, word_purpose,
					arena_printf(arena, "%" PRId64 "\n%s\n%s\n%s\n%s\n%s\n%s",
						     draft->user_id, draft->form, draft->kind,
						     draft->tiktok_name, draft->email,
						     draft->subject, draft->body));
	const char *hash = token_hash(arena, word_purpose, word);
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = open_in_transaction(db, arena, draft, hash, ret_thread_id, ret_wait);
	if (st == STATUS_OK)
		st = db_commit(db);
	if (st == STATUS_OK)
		*ret_word = word;
	else
		db_rollback(db);
	return st;
}

static enum status reply_in_transaction(struct db *db, struct arena *arena,
					const struct support_thread *thread, const char *hash,
					const char *body, const char *address, int64_t *ret_wait)
{
	const char *id = param_int(arena, thread->id);
	enum status st = lock_writer(db, arena, thread->user_id);
	if (st == STATUS_OK)
		st = db_run(db, support_message_new_sql, PARAMS(id, "user", body, hash));
	if (st == STATUS_NOT_FOUND)
		return STATUS_OK;
	if (st == STATUS_OK)
		st = check_messages(db, arena, thread->user_id, thread->id, ret_wait);
	if (st == STATUS_OK)
		st = db_run(db, support_state_sql, PARAMS(id, "open"));
	if (st == STATUS_OK)
		st = audit_write(db, arena,
				 &(struct audit_event){ .event = "support_replied",
							.user_id = thread->user_id,
							.subject_id = thread->id,
							.address = address });
	return st;
}

enum status support_reply(struct db *db, struct arena *arena, const struct support_thread *thread,
			  const char *form, const char *body, const char *address,
			  int64_t *ret_wait)
{
	const char *hash =
		token_hash(arena, form_purpose,
			   arena_printf(arena, "%" PRId64 "\n%s\n%s", thread->id, form, body));
	enum status st = db_begin(db);
	if (st == STATUS_OK)
		st = reply_in_transaction(db, arena, thread, hash, body, address, ret_wait);
	return db_end(db, st);
}

static enum status find(struct db *db, struct arena *arena, struct params params,
			struct support_thread *ret_thread)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, support_find_sql, params, &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) == 0)
		return STATUS_NOT_FOUND;
	*ret_thread = support_thread_row(arena, rows, 0);
	return STATUS_OK;
}

enum status support_find_by_word(struct db *db, struct arena *arena, const char *word,
				 struct support_thread *ret_thread)
{
	return find(db, arena, PARAMS(token_hash(arena, word_purpose, word), NULL, NULL),
		    ret_thread);
}

enum status support_find(struct db *db, struct arena *arena, int64_t user_id, int64_t thread_id,
			 struct support_thread *ret_thread)
{
	return find(db, arena, PARAMS(NULL, param_int(arena, thread_id), param_int(arena, user_id)),
		    ret_thread);
}

enum status support_list(struct db *db, struct arena *arena, int64_t user_id, int64_t before,
			 int64_t limit, struct support_thread **ret_threads, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(
		db, support_list_sql,
		PARAMS(param_int(arena, user_id), param_id(arena, before), param_int(arena, limit)),
		&rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	struct support_thread *threads = arena_alloc(arena, (count + 1) * sizeof(*threads));
	for (size_t i = 0; i < count; i++)
		threads[i] = support_thread_row(arena, rows, (int)i);
	*ret_threads = threads;
	*ret_count = count;
	return STATUS_OK;
}

enum status support_messages(struct db *db, struct arena *arena, int64_t thread_id, int64_t limit,
			     struct support_message **ret_messages, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, support_messages_sql,
			 PARAMS(param_int(arena, thread_id), param_int(arena, limit)), &rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	struct support_message *messages = arena_alloc(arena, (count + 1) * sizeof(*messages));
	for (size_t i = 0; i < count; i++)
		messages[i] = (struct support_message){
			.id = row_int(rows, (int)i, "id"),
			.author = row_text(arena, rows, (int)i, "author"),
			.body = row_text(arena, rows, (int)i, "body"),
			.created_at = row_moment(arena, rows, (int)i, "created_at"),
		};
	*ret_messages = messages;
	*ret_count = count;
	return STATUS_OK;
}
