/* The user's record: what was done with the account, from where; and signing out of all browsers. */
#include "dashboard/dashboard.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/log.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/record.h"
#include "store/session.h"
#include "store/user.h"
#include "templates.h"
#include "web/paging.h"
#include "web/request.h"
#include "web/response.h"
#include "web/view_record.h"

enum { PAGE_SHOWS = 50 };

/* ret_next: the cursor of what follows; NULL: that was all. */
static enum status read_record(struct request *req, struct db *db, const struct paging *paging,
			       struct record_event **ret_events, size_t *ret_count,
			       const char **ret_next)
{
	struct record_event *events;
	size_t count;
	enum status st = record_list(db, req->arena, req->user_id, paging->cursor,
				     paging->limit + 1, &events, &count);
	if (st != STATUS_OK)
		return st;
	*ret_next = paging_trim(paging, &count) ? paging_cursor(req->arena, events[count - 1].id)
						: NULL;
	*ret_events = events;
	*ret_count = count;
	return STATUS_OK;
}

enum status api_events(struct request *req, struct response *res)
{
	struct db *db;
	struct paging paging;
	struct record_event *events;
	size_t count;
	const char *next;
	enum status st = paging_read(req, PAGING_STANDARD, PAGING_MOST, &paging);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = read_record(req, db, &paging, &events, &count, &next);
	if (st != STATUS_OK)
		return st;
	CLEANUP(json_object_put)
	struct json_object *view = view_list(view_record(events, count, VIEW_API), next);
	return response_json(res, 200, view);
}

enum status page_activity(struct request *req, struct response *res)
{
	struct db *db;
	struct paging paging;
	struct record_event *events;
	size_t count;
	const char *next;
	CLEANUP(json_object_put) struct json_object *view = NULL;
	enum status st = paging_read(req, PAGE_SHOWS, PAGING_MOST, &paging);
	if (st == STATUS_OK)
		st = page_begin(req, &db, &view);
	if (st == STATUS_OK)
		st = read_record(req, db, &paging, &events, &count, &next);
	if (st != STATUS_OK)
		return st;
	json_add(view, "items", view_record(events, count, VIEW_PAGE));
	json_add_string(view, "next_cursor", next);
	return response_page(req, res, 200, "Activity", activity_html, view);
}

enum status sign_out_everywhere(struct request *req, struct response *res)
{
	struct db *db;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = session_sign_out_everywhere(db, req->arena, req->user_id, req->address);
	if (st != STATUS_OK)
		return st;
	log_info("signed_out_everywhere user=%" PRId64, req->user_id);
	response_cookie(res, COOKIE_SESSION, "", 0, "Lax");
	response_header(res, "Clear-Site-Data", "\"cache\", \"cookies\", \"storage\"");
	return req->is_api ? response_empty(res, 204) : response_redirect(res, "/");
}

enum status settings_store(struct request *req, struct db *db, const char *zone,
			   const char *language, int64_t keep_days)
{
	enum status st = db_begin(db), kept = STATUS_NOT_FOUND;
	if (st == STATUS_OK)
		st = user_update(db, req->arena, req->user_id, zone, language);
	bool changed = st == STATUS_OK;
	if (changed || st == STATUS_NOT_FOUND)
		st = STATUS_OK;
	if (st == STATUS_OK && keep_days >= 0)
		kept = user_keep_posted(db, req->arena, req->user_id, keep_days);
	if (kept != STATUS_NOT_FOUND)
		st = kept;
	/* What is as it was leaves no trace: the record is no place to fill. */
	if (st == STATUS_OK && (changed || kept == STATUS_OK))
		st = audit_write(db, req->arena,
				 &(struct audit_event){ .event = "settings_changed",
							.user_id = req->user_id,
							.address = req->address });
	return db_end(db, st);
}
