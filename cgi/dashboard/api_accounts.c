/* Accounts by the API. creator-info is the creator's program. */
#include "dashboard/dashboard.h"

#include "base/json.h"
#include "store/account.h"
#include "web/request.h"
#include "web/response.h"
#include "web/view.h"

enum status api_accounts(struct request *req, struct response *res)
{
	struct db *db;
	struct account *accounts;
	size_t count;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = account_list(db, req->arena, req->user_id, &accounts, &count);
	if (st != STATUS_OK)
		return st;
	CLEANUP(json_object_put)
	struct json_object *view =
		view_list(view_accounts(req->arena, accounts, count, VIEW_API), NULL);
	return response_json(res, 200, view);
}

static enum status answer_account(struct request *req, struct response *res, struct db *db,
				  int64_t id, int status)
{
	struct account account;
	enum status st = account_get(db, req->arena, req->user_id, id, &account);
	if (st != STATUS_OK)
		return st;
	CLEANUP(json_object_put)
	struct json_object *view = view_account(req->arena, &account, VIEW_API);
	return response_json(res, status, view);
}

enum status api_account(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	return st == STATUS_OK ? answer_account(req, res, db, id, 200) : st;
}

enum status api_account_disconnect(struct request *req, struct response *res)
{
	struct db *db;
	int64_t id;
	enum status st = request_id(req, &id);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = account_disconnect(db, req->arena, req->user_id, id, req->address);
	/* Accepted: TikTok is told by the publisher, which holds the tokens. */
	return st == STATUS_OK ? answer_account(req, res, db, id, 202) : st;
}
