/* GET /privacy and /terms: the texts, with the periods of this installation. Needs no database. */
#include <inttypes.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "store/oauth_state.h"
#include "store/retention.h"
#include "templates.h"
#include "web/serve.h"

/* Changes with every change of meaning of the two texts. */
static const char text_version[] = "1.0";
static const char text_date[] = "22 November 2026";

static const char *count_text(struct arena *arena, int64_t count, const char *unit)
{
	return arena_printf(arena, "%" PRId64 " %s%s", count, unit, count == 1 ? "" : "s");
}

/* "3 days", "1 hour" */
static const char *hours_text(struct arena *arena, int64_t hours)
{
	return hours % 24 == 0 ? count_text(arena, hours / 24, "day")
			       : count_text(arena, hours, "hour");
}

/* Zero days is the next run of the janitor. */
static const char *days_text(struct arena *arena, int64_t days)
{
	return days == 0 ? "an hour" : count_text(arena, days, "day");
}

static struct json_object *view_new(struct request *req)
{
	struct json_object *view = json_object_new_object();
	const char *const about[][2] = {
		{ "version", text_version },
		{ "date", text_date },
		{ "public_url", req->config->public_url },
	};
	for (size_t i = 0; i < ARRAY_SIZE(about); i++)
		json_add_string(view, about[i][0], about[i][1]);
	json_add_bool(view, "telegram", req->config->telegram_bot_token_file != NULL);
	return view;
}

static enum status show_privacy(struct request *req, struct response *res)
{
	const struct config *config = req->config;
	struct arena *arena = req->arena;
	const char *const periods[][2] = {
		{ "state_minutes", count_text(arena, OAUTH_STATE_SECONDS / 60, "minute") },
		{ "state_kept", hours_text(arena, RETENTION_OAUTH_STATE_HOURS) },
		{ "session_idle", hours_text(arena, config->session_idle_hours) },
		{ "session_absolute", count_text(arena, config->session_absolute_days, "day") },
		{ "sessions", days_text(arena, config->retention_sessions_days) },
		{ "uploads", days_text(arena, config->retention_uploads_days) },
		{ "posted_videos", config->retention_posted_videos_days
					   ? days_text(arena, config->retention_posted_videos_days)
					   : NULL },
		{ "refused_videos", days_text(arena, config->retention_refused_days) },
		{ "timeline", days_text(arena, config->retention_timeline_days) },
		{ "webhooks", days_text(arena, config->retention_webhooks_days) },
		{ "unknown_webhooks", hours_text(arena, RETENTION_UNKNOWN_WEBHOOK_HOURS) },
		{ "idempotency", hours_text(arena, RETENTION_IDEMPOTENCY_HOURS) },
		{ "deleted_videos", hours_text(arena, RETENTION_DELETED_VIDEO_HOURS) },
		{ "logs", days_text(arena, config->retention_logs_days) },
		{ "receipts", days_text(arena, config->retention_receipts_days) },
	};
	CLEANUP(json_object_put) struct json_object *view = view_new(req);
	for (size_t i = 0; i < ARRAY_SIZE(periods); i++)
		json_add_string(view, periods[i][0], periods[i][1]);
	return response_page(req, res, 200, "Privacy policy", privacy_html, view);
}

static enum status show_terms(struct request *req, struct response *res)
{
	CLEANUP(json_object_put) struct json_object *view = view_new(req);
	return response_page(req, res, 200, "Terms of service", terms_html, view);
}

static const struct route routes[] = {
	{ "GET", "/privacy", show_privacy, ROUTE_OPEN },
	{ "GET", "/terms", show_terms, ROUTE_OPEN },
};

int main(void)
{
	return serve(&(struct service){ .name = "privacy",
					.routes = routes,
					.route_count = ARRAY_SIZE(routes),
					.no_database = true });
}
