/* spgctl support: what people have written, and the answers. */
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"
#include "queries.h"
#include "spgctl/ctl.h"
#include "store/db.h"
#include "store/listing.h"
#include "store/support.h"
#include "store/support_desk.h"

enum { THREADS_MAX = 10000, THREADS_DEFAULT = 100 };

static enum status support_list_threads(struct ctl *ctl)
{
	const char *state = NULL, *after_text = NULL, *limit_text = NULL;
	int64_t after = 0, limit = THREADS_DEFAULT;
	struct json_object *items;
	enum status st = ctl_arguments(ctl,
				       (const struct ctl_option[]){ { "--state", &state },
								    { "--after", &after_text },
								    { "--limit", &limit_text } },
				       3, NULL, 0);
	if (st == STATUS_OK)
		st = ctl_number("--after", after_text, 0, INT64_MAX, &after);
	if (st == STATUS_OK)
		st = ctl_number("--limit", limit_text, 1, THREADS_MAX, &limit);
	if (st == STATUS_OK)
		st = listing_read(ctl->db, ctl_support_sql,
				  PARAMS(NULL, state, param_int(ctl->arena, after),
					 param_int(ctl->arena, limit)),
				  &items);
	if (st == STATUS_OK)
		ctl_items(ctl, items, "id state kind user_id updated_at messages subject");
	return st;
}

/* The thread, as the event names it; the caller puts it. */
static enum status thread_read(struct ctl *ctl, int64_t id, struct json_object **ret_thread)
{
	ctl->event.subject_id = id;
	enum status st =
		listing_one(ctl->db, ctl_support_sql,
			    PARAMS(param_int(ctl->arena, id), NULL, NULL, "1"), ret_thread);
	if (st == STATUS_OK)
		ctl->event.user_id =
			json_object_get_int64(json_object_object_get(*ret_thread, "user_id"));
	return st;
}

static enum status support_show(struct ctl *ctl)
{
	struct json_object *thread, *messages = NULL;
	int64_t id;
	enum status st = ctl_only_id(ctl, &id);
	if (st == STATUS_OK)
		st = thread_read(ctl, id, &thread);
	if (st != STATUS_OK)
		return st;
	ctl_object(ctl, thread);
	st = listing_read(ctl->db, ctl_support_messages_sql, PARAMS(param_int(ctl->arena, id)),
			  &messages);
	/* "messages" is their number in the list. */
	json_add(thread, "messages", messages);
	return st;
}

/* The text on standard input, without blank lines at its end. STATUS_INVALID (told): it cannot be an answer. */
static enum status answer_read(struct ctl *ctl, const char **ret_text)
{
	char *text = arena_alloc(ctl->arena, SUPPORT_BODY_MAX + 2);
	ssize_t size = file_read_all(STDIN_FILENO, text, SUPPORT_BODY_MAX + 1);
	if (size < 0) {
		ctl_complain("standard input cannot be read");
		return STATUS_INVALID;
	}
	size_t length = (size_t)size;
	if (length > SUPPORT_BODY_MAX || !utf8_is_valid(text, length) ||
	    !utf8_is_printable(text, /* lines= */ true)) {
		ctl_complain("an answer is text in UTF-8, at most %d bytes, without control "
			     "characters",
			     SUPPORT_BODY_MAX);
		return STATUS_INVALID;
	}
	while (length > 0 && strchr(" \t\n", text[length - 1]))
		text[--length] = '\0';
	if (length == 0) {
		ctl_complain("the answer is missing: write it to standard input");
		return STATUS_INVALID;
	}
	*ret_text = text;
	return STATUS_OK;
}

/* text NULL: close without one. */
static enum status change_in_transaction(struct ctl *ctl, int64_t id, const char *text)
{
	enum status st = text ? support_desk_answer(ctl->db, ctl->arena, id, text)
			      : support_desk_close(ctl->db, ctl->arena, id);
	return st == STATUS_OK ? ctl_record(ctl) : st;
}

static enum status change(struct ctl *ctl, int64_t id, const char *text)
{
	struct json_object *thread;
	enum status st = thread_read(ctl, id, &thread);
	if (st != STATUS_OK)
		return st;
	json_object_put(thread);
	st = db_begin(ctl->db);
	if (st == STATUS_OK)
		st = change_in_transaction(ctl, id, text);
	if (st == STATUS_OK)
		st = db_commit(ctl->db);
	if (st == STATUS_OK)
		st = thread_read(ctl, id, &thread);
	else
		ctl->recorded = false;
	db_rollback(ctl->db);
	if (st == STATUS_OK)
		ctl_object(ctl, thread);
	return st;
}

static enum status support_answer(struct ctl *ctl)
{
	int64_t id;
	const char *text;
	enum status st = ctl_only_id(ctl, &id);
	if (st == STATUS_OK)
		st = answer_read(ctl, &text);
	return st == STATUS_OK ? change(ctl, id, text) : st;
}

static enum status support_close(struct ctl *ctl)
{
	int64_t id;
	enum status st = ctl_only_id(ctl, &id);
	return st == STATUS_OK ? change(ctl, id, NULL) : st;
}

static const struct ctl_command commands[] = {
	{ "list", "[--state STATE] [--after ID] [--limit N]",
	  "threads, the oldest 100 first: open, answered, closed", support_list_threads },
	{ "show", "ID", "one thread with all its messages", support_show },
	{ "answer", "ID", "answer it; the text comes from standard input", support_answer },
	{ "close", "ID", "close it; its writer may open it again", support_close },
};
const struct ctl_group ctl_support = { "support", commands, ARRAY_SIZE(commands) };
