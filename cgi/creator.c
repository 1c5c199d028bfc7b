/*
 * GET /api/v1/accounts/{id}/creator-info: what TikTok allows an account now, always fresh (UX-03).
 * The only web program that can open tokens; it does nothing else.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secretbox.h"
#include "base/words.h"
#include "publish/token.h"
#include "queries.h"
#include "remote/http.h"
#include "remote/tiktok.h"
#include "store/db.h"
#include "store/quota.h"
#include "web/serve.h"

enum { RENEW_SECONDS = 60 };

static int64_t started_at;

struct creator {
	struct tiktok tiktok;
	struct secretbox_keys *keys;
	struct http *http;
};

struct waited {
	bool done;
	enum status st;
	struct token token;
	struct tiktok_error error;
};

static void on_token(void *context, enum status st, const struct token *token,
		     const struct token_call *call)
{
	struct waited *waited = context;
	waited->done = true;
	waited->st = st;
	if (token)
		waited->token = *token;
	if (call->error)
		waited->error = *call->error;
}

static enum status token_wait(struct creator *creator, struct db *db, struct arena *arena,
			      int64_t account_id, int64_t rejected_version,
			      struct waited *ret_waited)
{
	struct token_source source = { db, creator->http, &creator->tiktok, creator->keys };
	struct http_transfer *transfer;
	*ret_waited = (struct waited){ 0 };
	token_get(&source, arena, account_id, rejected_version, on_token, ret_waited, &transfer);
	while (!ret_waited->done)
		http_run(creator->http, 1000);
	return ret_waited->st;
}

/* TikTok's refusal in its own code (design 9). */
static enum status refusal(struct request *req, struct response *res,
			   const struct tiktok_error *error)
{
	int status = 409;
	if (error->meaning->class == TIKTOK_WAIT)
		status = 429;
	else if (error->meaning->class == TIKTOK_RETRY || error->meaning->class == TIKTOK_OPERATOR)
		status = 502;
	log_warn("creator_info_refused http=%ld code=%s remote_log=%s", error->http_status,
		 error->code, error->log_id ? error->log_id : "-");
	return response_problem(
		req, res, status, error->code,
		arena_printf(req->arena, "%s %s", error->meaning->cause, error->meaning->remedy));
}

/*
 * The creator's picture beside the name (UX-02), as a data: address: TikTok's own lives two hours, and
 * pages load nothing from other sites. NULL when it cannot be had; the page then shows the initial.
 */
static const char *picture(struct creator *creator, struct request *req,
			   const struct tiktok_creator_info *info)
{
	struct http_request request;
	struct http_answer got;
	if (tiktok_avatar_request(&creator->tiktok, req->arena, info->avatar_url, &request) !=
		    STATUS_OK ||
	    http_send(creator->http, req->arena, &request, &got) != STATUS_OK)
		return NULL;
	const char *type = tiktok_avatar_type(&got);
	return type ? arena_printf(req->arena, "data:%s;base64,%s", type,
				   base64_encode(req->arena, got.body, got.length))
		    : NULL;
}

static enum status answer(struct response *res, const struct tiktok_creator_info *info,
			  const char *avatar)
{
	CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
	struct json_object *options = json_object_new_array();
	for (size_t i = 0; i < info->privacy_option_count; i++)
		json_array_push(options, json_object_new_string(info->privacy_options[i]));
	json_add_string(view, "creator_nickname", info->nickname);
	json_add_string(view, "creator_username", info->username);
	json_add_string(view, "creator_avatar_url", info->avatar_url);
	json_add_string(view, "creator_avatar", avatar);
	json_add(view, "privacy_level_options", options);
	json_add_bool(view, "comment_disabled", info->comment_disabled);
	json_add_bool(view, "duet_disabled", info->duet_disabled);
	json_add_bool(view, "stitch_disabled", info->stitch_disabled);
	json_add_int(view, "max_video_post_duration_sec", info->max_duration_s);
	return response_json(res, 200, view);
}

static enum status ask(struct creator *creator, struct request *req, struct db *db,
		       int64_t account_id, struct tiktok_creator_info *ret_info,
		       struct tiktok_error *ret_error)
{
	struct waited waited;
	int64_t rejected = 0;
	/* Once more with a fresh token when TikTok refuses the one at hand. */
	for (int tries = 0; tries < 2; tries++) {
		enum status st = token_wait(creator, db, req->arena, account_id, rejected, &waited);
		*ret_error = waited.error;
		if (st != STATUS_OK)
			return st;
		struct http_request request = tiktok_creator_info_request(
			&creator->tiktok, req->arena, waited.token.access);
		struct http_answer got;
		st = http_send(creator->http, req->arena, &request, &got);
		if (st == STATUS_OK)
			st = tiktok_creator_info_parse(req->arena, &got, ret_info, ret_error);
		if (st != STATUS_REFUSED || ret_error->meaning->class != TIKTOK_REFRESH)
			return st;
		rejected = waited.token.version;
	}
	return STATUS_REFUSED;
}

/*
 * The keys that this process was given may be older than the box: after this answer another takes its place, with
 * the keys as they are now (systemd copies them at its start). At most once a minute, as the key may be gone for good.
 */
static void renew(void)
{
	if (clock_now_s() - started_at < RENEW_SECONDS)
		return;
	log_info("creator_ends_for_newer_keys");
	raise(SIGTERM);
}

static enum status creator_info(struct request *req, struct response *res)
{
	struct creator *creator = req->context;
	struct db *db;
	int64_t account_id, wait_seconds = 0;
	enum status st = request_id(req, &account_id);
	if (st == STATUS_OK)
		st = request_db(req, &db);
	if (st == STATUS_OK)
		st = db_run(db, creator_account_sql,
			    PARAMS(param_int(req->arena, account_id),
				   param_int(req->arena, req->user_id)));
	if (st != STATUS_OK)
		return st;
	st = quota_take(db, req->arena, account_id, "creator_info",
			req->config->quota_creator_info_per_minute, &wait_seconds);
	if (st == STATUS_CONFLICT) {
		renew();
		response_header(res, "Retry-After",
				arena_printf(req->arena, "%d", (int)wait_seconds));
		return response_problem(req, res, 429, "rate_limit_exceeded",
					"Too many questions about this account within a minute.");
	}
	if (st != STATUS_OK)
		return st;
	struct tiktok_creator_info info;
	struct tiktok_error error = { 0 };
	st = ask(creator, req, db, account_id, &info, &error);
	if (st == STATUS_REFUSED)
		return refusal(req, res, &error);
	if (st == STATUS_RETRY) {
		response_header(res, "Retry-After", "10");
		return response_problem(req, res, 503, "tiktok_unavailable",
					"TikTok does not answer right now. Try again in a moment.");
	}
	if (st == STATUS_CONFLICT) {
		response_header(res, "Retry-After", "60");
		return response_problem(req, res, 503, "token_key_unknown",
					words_find("token_key_unknown")->cause.en);
	}
	return st == STATUS_OK ? answer(res, &info, picture(creator, req, &info)) : st;
}

static enum status setup(const struct config *config, void **ret_context)
{
	struct creator *creator = calloc(1, sizeof(*creator));
	started_at = clock_now_s();
	if (!creator)
		log_die("out_of_memory");
	creator->tiktok.config = config;
	enum status st =
		secret_load(config->tiktok_client_secret_file, &creator->tiktok.client_secret);
	if (st == STATUS_OK)
		st = secretbox_load(config->token_public_key_file, config->token_secret_key_file,
				    &creator->keys);
	if (st != STATUS_OK) {
		free(creator);
		return st;
	}
	creator->http = http_open(4, 64 * 1024);
	*ret_context = creator;
	return STATUS_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/api/v1/accounts/{id}/creator-info", .handler = creator_info },
};

int main(void)
{
	return serve(&(struct service){ .name = "creator",
					.routes = routes,
					.route_count = ARRAY_SIZE(routes),
					.setup = setup });
}
