/* Asking a user who has agreed to an older version of policy and terms, or to none. */
#include "dashboard/dashboard.h"

#include <string.h>

#include "base/json.h"
#include "store/consent.h"
#include "store/db.h"
#include "store/user.h"
#include "templates.h"
#include "web/policy.h"
#include "web/request.h"
#include "web/response.h"
#include "web/return_path.h"

/* In the language that was asked for, else the user's own. */
static enum words_language language_of(const struct user *user, const char *asked)
{
	return words_language(asked && *asked ? asked : user->language);
}

enum status page_accept(struct request *req, struct response *res)
{
	struct db *db;
	struct user user;
	const char *path = return_path_or_home(form_get(&req->query, "return"));
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = user_get(db, req->arena, req->user_id, &user);
	if (st != STATUS_OK)
		return st;
	enum words_language language = language_of(&user, form_get(&req->query, "lang"));
	CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
	policy_add_members(req, req->context, language, view);
	json_add_string(view, "return_path", path);
	json_add_string(view, "return_encoded", form_encode(req->arena, path));
	return language == WORDS_RU
		       ? response_page(req, res, 200, "Документы изменились", accept_ru_html, view)
		       : response_page(req, res, 200, "Our texts have changed", accept_en_html,
				       view);
}

enum status page_accept_save(struct request *req, struct response *res)
{
	const struct policy *policy = req->context;
	const char *version = form_get(&req->form, "version");
	const char *path = return_path_or_home(form_get(&req->form, "return"));
	struct consent consent = { .user_id = req->user_id,
				   .version = policy->version,
				   .language = words_language(form_get(&req->form, "lang")),
				   .how = "page",
				   .address = req->address };
	struct db *db;
	/* A page from before the last change: nobody agrees to what they were not shown. */
	if (!version || strcmp(version, policy->version) != 0)
		return response_redirect(res, "/accept");
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = db_begin(db);
	if (st != STATUS_OK)
		return st;
	st = consent_record(db, req->arena, &consent);
	st = db_end(db, st);
	if (st != STATUS_OK)
		return st;
	return response_redirect(res, path);
}

enum status policy_view(struct request *req, struct db *db, struct json_object *view)
{
	const struct policy *policy = req->context;
	bool given = false;
	enum status st = consent_find(db, req->arena, req->user_id, policy->version, &given);
	if (st != STATUS_OK)
		return st;
	struct json_object *member = json_object_new_object();
	json_add_string(member, "version", policy->version);
	json_add_bool(member, "accepted", given);
	json_add(view, "policy", member);
	return STATUS_OK;
}
