/* The receipt page. */
#include "deletion/receipt.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/deletion_words.h"
#include "base/json.h"
#include "base/token.h"
#include "store/db.h"
#include "store/deletion.h"
#include "templates.h"
#include "web/request.h"
#include "web/response.h"

static struct json_object *step_view(const struct deletion_step *step, enum words_language language)
{
	struct json_object *view = json_object_new_object();
	const struct deletion_step_words *words = deletion_step_words(step->name);
	const struct words_text *detail = deletion_detail_words(step->detail);
	json_add_string(view, "name", step->name);
	json_add_string(view, "title", words ? words_in(words->title, language) : step->name);
	json_add_string(view, "waits", words ? words_in(words->waits, language) : "");
	json_add_string(view, "done_at_text", step->done_at_text);
	json_add_string(view, "detail", detail ? words_in(*detail, language) : NULL);
	return view;
}

/* "3.2 GB"; NULL for less than a tenth of a megabyte */
static const char *size_text(struct arena *arena, int64_t bytes, enum words_language language)
{
	bool russian = language == WORDS_RU;
	if (bytes >= 1000000000)
		return arena_printf(arena, "%.1f %s", (double)bytes / 1e9, russian ? "ГБ" : "GB");
	if (bytes >= 100000)
		return arena_printf(arena, "%.1f %s", (double)bytes / 1e6, russian ? "МБ" : "MB");
	return NULL;
}

static struct json_object *counts_view(struct arena *arena, const struct deletion *deletion,
				       enum words_language language)
{
	struct json_object *views = json_object_new_array();
	for (size_t i = 0; i < deletion->count_count; i++) {
		const struct deletion_count *count = &deletion->counts[i];
		const struct words_text *words = deletion_kind_words(count->kind);
		struct json_object *view = json_object_new_object();
		json_add_string(view, "kind", count->kind);
		json_add_string(view, "title", words ? words_in(*words, language) : count->kind);
		json_add_int(view, "removed", count->removed);
		json_add_string(view, "size", size_text(arena, count->bytes, language));
		json_array_push(views, view);
	}
	return views;
}

static bool state_is(const struct deletion *deletion, const char *state)
{
	return strcmp(deletion->state, state) == 0;
}

static const char *title_of(const struct deletion *deletion, enum words_language language)
{
	static const struct words_text done = { "Your data is erased", "Ваши данные удалены" },
				       undone = { "Your data is kept", "Ваши данные сохранены" },
				       grace = { "Your data will be erased",
						 "Ваши данные будут удалены" },
				       waiting = { "Your data is being erased",
						   "Ваши данные удаляются" };
	return words_in(state_is(deletion, "done")     ? done
			: state_is(deletion, "undone") ? undone
			: state_is(deletion, "grace")  ? grace
						       : waiting,
			language);
}

static enum status no_such(struct request *req, struct response *res)
{
	return response_error(req, res, 404, "no_such_receipt", "There is no such receipt",
			      "Check that the address is complete. Receipts are kept for a limited "
			      "time after the data was erased; this one may have passed it.");
}

static enum status find(struct request *req, struct deletion *ret_deletion)
{
	struct db *db;
	if (!token_is_word(req->id))
		return STATUS_NOT_FOUND;
	enum status st = request_db(req, &db);
	return st == STATUS_OK ? deletion_get(db, req->arena, req->id, ret_deletion) : st;
}

static struct json_object *view_of(struct request *req, const struct deletion *deletion,
				   enum words_language language)
{
	struct json_object *view = json_object_new_object();
	struct json_object *steps = json_object_new_array();
	for (size_t i = 0; i < DELETION_STEPS; i++)
		json_array_push(steps, step_view(&deletion->steps[i], language));
	json_add(view, "steps", steps);
	json_add(view, "counts", counts_view(req->arena, deletion, language));
	json_add_bool(view, "counted", deletion->count_count > 0);
	json_add_string(view, "heading", title_of(deletion, language));
	json_add_string(view, "asked_by",
			words_in(*deletion_origin_words(deletion->origin), language));
	json_add_bool(view, "done", state_is(deletion, "done"));
	json_add_bool(view, "undone", state_is(deletion, "undone"));
	json_add_bool(view, "grace", state_is(deletion, "grace"));
	json_add_bool(view, "under_way", state_is(deletion, "waiting"));
	json_add_int(view, "number", deletion->id);
	json_add_string(view, "requested_at_text", deletion->requested_at_text);
	json_add_string(view, "grace_until_text", deletion->grace_until_text);
	json_add_string(view, "finished_at_text", deletion->finished_at_text);
	json_add_string(view, "receipt", req->id);
	json_add_string(
		view, "address",
		arena_printf(req->arena, "%s/deletion/%s", req->config->public_url, req->id));
	json_add_int(view, "receipts_days", req->config->retention_receipts_days);
	json_add_int(view, "events_days", req->config->retention_events_days);
	json_add_bool(view, "keyed", req->config->record_key_file != NULL);
	return view;
}

enum status receipt_show(struct request *req, struct response *res)
{
	struct deletion deletion;
	const char *lang = form_get(&req->query, "lang");
	enum words_language language = lang ? words_language(lang) : WORDS_EN;
	enum status st = find(req, &deletion);
	if (st == STATUS_NOT_FOUND)
		return no_such(req, res);
	if (st != STATUS_OK)
		return st;
	CLEANUP(json_object_put) struct json_object *view = view_of(req, &deletion, language);
	return response_page(req, res, 200, title_of(&deletion, language),
			     language == WORDS_RU ? receipt_ru_html : receipt_html, view);
}

static enum status too_late(struct request *req, struct response *res)
{
	return response_error(req, res, 409, "too_late_to_undo", "This can no longer be taken back",
			      "The erasure has begun, or the request was taken back already. Open "
			      "the receipt to see how it stands.");
}

enum status receipt_undo(struct request *req, struct response *res)
{
	struct db *db;
	struct deletion deletion;
	enum status st = find(req, &deletion);
	if (st == STATUS_NOT_FOUND)
		return no_such(req, res);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = deletion_undo(db, req->arena, req->id, 0, req->address);
	if (st == STATUS_NOT_FOUND)
		return too_late(req, res);
	if (st != STATUS_OK)
		return st;
	return response_redirect(res, arena_printf(req->arena, "/deletion/%s", req->id));
}

enum status receipt_undo_own(struct request *req, struct response *res)
{
	struct db *db;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = deletion_undo(db, req->arena, NULL, req->user_id, req->address);
	if (st == STATUS_NOT_FOUND)
		return too_late(req, res);
	return st == STATUS_OK ? response_redirect(res, "/deletion") : st;
}
