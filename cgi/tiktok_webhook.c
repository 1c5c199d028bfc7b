/*
 * POST /hooks/tiktok: verifies, stores, answers 200 (B38-B47). What an event means is the
 * publisher's business; here nothing but the row is written, and that before the answer.
 */
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/log.h"
#include "remote/tiktok_webhook.h"
#include "store/db.h"
#include "store/webhook.h"
#include "web/serve.h"

struct context {
	struct secret client_secret;
};

static enum status setup(const struct config *config, void **ret_context)
{
	static struct context context;
	enum status st = secret_load(config->tiktok_client_secret_file, &context.client_secret);
	if (st == STATUS_OK)
		*ret_context = &context;
	return st;
}

static bool type_is_json(const char *type)
{
	static const char wanted[] = "application/json";
	size_t length = strlen(wanted);
	return type && strncasecmp(type, wanted, length) == 0 &&
	       (type[length] == '\0' || type[length] == ';' || type[length] == ' ');
}

static enum status store(struct request *req, const struct tiktok_webhook *webhook)
{
	struct db *db;
	bool is_new;
	enum status st = request_db(req, &db);
	if (st != STATUS_OK)
		return st;
	struct webhook_event event = {
		.dedupe_key = webhook->dedupe_key,
		.event = webhook->event,
		.open_id = webhook->open_id,
		.publish_id = webhook->publish_id,
		.public_id = webhook->public_id,
		.reason = webhook->reason,
		.sent_at = webhook->sent_at,
		.ignored = !webhook->known,
	};
	st = webhook_store(db, req->arena, &event, &is_new);
	if (st == STATUS_OK)
		log_info("webhook_stored event=%s new=%d known=%d sent=%" PRId64, webhook->event,
			 is_new, webhook->known, webhook->sent_at);
	return st;
}

static enum status take_webhook(struct request *req, struct response *res)
{
	const struct context *context = req->context;
	const char *body = req->body ? req->body : "";
	if (request_param_count(req, "HTTP_TIKTOK_SIGNATURE") > 1) {
		log_warn("webhook_refused problem=two signatures");
		return response_problem(req, res, 400, "two_signatures",
					"Send the TikTok-Signature header once.");
	}
	if (tiktok_webhook_verify(req->arena, context->client_secret,
				  request_param(req, "HTTP_TIKTOK_SIGNATURE"), body,
				  req->body_length, (int64_t)time(NULL)) != STATUS_OK)
		return response_problem(
			req, res, 401, "bad_signature",
			"The TikTok-Signature header is missing, wrong or too old.");
	if (!type_is_json(request_param(req, "CONTENT_TYPE")))
		return response_problem(req, res, 415, "unsupported_media_type",
					"Send application/json.");
	struct tiktok_webhook webhook;
	enum status st = tiktok_webhook_parse(req->arena, req->config->tiktok_client_key, body,
					      req->body_length, &webhook);
	if (st == STATUS_DENIED) {
		log_warn("webhook_refused problem=for another client key");
		return response_problem(req, res, 403, "other_client",
					"This event belongs to another app.");
	}
	if (st != STATUS_OK) {
		log_warn("webhook_refused problem=body not understood bytes=%zu", req->body_length);
		return response_problem(req, res, 400, "malformed_event",
					"The body is not an event as TikTok documents it.");
	}
	st = store(req, &webhook);
	return st == STATUS_OK ? response_empty(res, 200) : st;
}

static const struct route routes[] = {
	{ "POST", "/hooks/tiktok", take_webhook, ROUTE_OPEN, .max_body = 256 * 1024, .raw = true },
};

int main(void)
{
	return serve(&(struct service){ .name = "tiktok_webhook",
					.routes = routes,
					.route_count = ARRAY_SIZE(routes),
					.setup = setup });
}
