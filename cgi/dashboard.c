/* The dashboard: pages and the JSON API (design 9), made of the same view objects. */
#include "dashboard/dashboard.h"

#include "web/policy.h"
#include "web/serve.h"

static const struct route routes[] = {
	{ "GET", "/", page_home, ROUTE_PUBLIC },
	{ "GET", "/videos", page_videos },
	{ "GET", "/videos/{id}", page_video },
	{ "GET", "/videos/{id}/file", media_file, .before_consent = true },
	{ "GET", "/videos/{id}/thumbnail", media_thumbnail, .before_consent = true },
	{ "GET", "/videos/{id}/strip", media_strip, .before_consent = true },
	{ "GET", "/posts", page_posts },
	{ "GET", "/posts/new", page_post_new },
	{ "GET", "/posts/{id}", page_post },
	{ "GET", "/posts/{id}/edit", page_post_edit },
	{ "GET", "/calendar", page_calendar },
	{ "GET", "/accounts", page_accounts },
	/* There the way out begins: export and erasure. */
	{ "GET", "/settings", page_settings, .before_consent = true },
	{ "POST", "/settings", page_settings_save },
	{ "GET", "/accept", page_accept, .before_consent = true },
	{ "POST", "/accept", page_accept_save, .before_consent = true },
	{ "GET", "/settings/activity", page_activity },
	{ "POST", "/settings/signout-everywhere", sign_out_everywhere, .before_consent = true },
	{ "POST", "/exports", page_export_ask, .before_consent = true },
	{ "POST", "/exports/{id}/cancel", page_export_cancel, .before_consent = true },
	{ "GET", "/exports/{id}/file", export_file, .before_consent = true },

	{ "GET", "/api/v1/me", api_me },
	{ "PATCH", "/api/v1/me", api_me_change },
	{ "GET", "/api/v1/events", api_events },
	{ "POST", "/api/v1/signout-everywhere", sign_out_everywhere, .before_consent = true },
	{ "GET", "/api/v1/time-zones", api_time_zones },
	{ "GET", "/api/v1/local-time", api_local_time },
	{ "GET", "/api/v1/accounts", api_accounts },
	{ "GET", "/api/v1/accounts/{id}", api_account },
	{ "DELETE", "/api/v1/accounts/{id}", api_account_disconnect },
	{ "GET", "/api/v1/videos", api_videos },
	{ "GET", "/api/v1/videos/{id}", api_video },
	{ "PATCH", "/api/v1/videos/{id}", api_video_change },
	{ "DELETE", "/api/v1/videos/{id}", api_video_delete },
	{ "POST", "/api/v1/videos/{id}/repair", api_video_repair },
	{ "DELETE", "/api/v1/videos/{id}/repair", api_video_repair_cancel },
	{ "GET", "/api/v1/storage", api_storage },
	{ "GET", "/api/v1/imports", api_imports },
	{ "POST", "/api/v1/imports", api_import_ask },
	{ "GET", "/api/v1/imports/{id}", api_import },
	{ "DELETE", "/api/v1/imports/{id}", api_import_forget },
	{ "GET", "/api/v1/exports", api_exports },
	{ "POST", "/api/v1/exports", api_export_ask, .before_consent = true },
	{ "GET", "/api/v1/exports/{id}", api_export },
	{ "DELETE", "/api/v1/exports/{id}", api_export_cancel },
	{ "GET", "/api/v1/posts", api_posts },
	{ "POST", "/api/v1/posts", api_post_create },
	{ "GET", "/api/v1/posts/{id}", api_post },
	{ "PATCH", "/api/v1/posts/{id}", api_post_change },
	{ "DELETE", "/api/v1/posts/{id}", api_post_cancel },
	{ "GET", "/api/v1/posts/{id}/timeline", api_post_timeline },

	{ "GET", "/healthz", health_alive, ROUTE_OPEN },
	{ "GET", "/readyz", health_ready, ROUTE_OPEN },
};

static const struct service service = {
	.name = "dashboard",
	.routes = routes,
	.route_count = ARRAY_SIZE(routes),
	.setup = policy_setup,
	.admit = policy_admit,
};

int main(void)
{
	return serve(&service);
}
