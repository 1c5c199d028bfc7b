/* The inventory of personal data. */
#include "store/inventory.h"

#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "queries.h"
#include "store/retention.h"

static const char by_design[] =
	"Never leaves the program that uses it: whoever has it could act in your name.";
static const char no_use[] = "Random numbers and counters that say nothing about you.";
static const char elsewhere[] = "Stands in the other parts of the export.";

const struct inventory_kind inventory[] = {
	{
		.name = "oauth_codes",
		.columns = "",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_FLEETING,
		.withheld = by_design,
	},
	{
		.name = "oauth_states",
		.columns = "oauth_state.*",
		.basis = INVENTORY_SECURITY,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_oauth_states_sql,
		.withheld = no_use,
		.rules = { { "oauth_states", retention_oauth_states_sql, NULL,
			     RETENTION_OAUTH_STATE_HOURS } },
	},
	{
		.name = "sessions",
		.columns = "session.*",
		.basis = INVENTORY_SECURITY,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_sessions_sql,
		.export_sql = export_sessions_sql,
		.rules = { { "sessions_expired", retention_sessions_expired_sql,
			     "retention_sessions_days", 0 },
			   { "sessions_idle", retention_sessions_idle_sql,
			     "retention_sessions_days", 0, "session_idle_hours" } },
	},
	{
		.name = "tiktok_messages",
		.columns = "webhook_event.*",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_webhook_events_sql,
		.export_sql = export_tiktok_messages_sql,
		.rules = { { "webhook_events", retention_webhook_events_sql,
			     "retention_webhooks_days", 0 },
			   { "webhook_events_of_unknown", retention_webhook_unknown_sql, NULL,
			     RETENTION_UNKNOWN_WEBHOOK_HOURS } },
	},
	{
		.name = "request_keys",
		.columns = "idempotency_key.*",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_idempotency_keys_sql,
		.withheld = no_use,
		.rules = { { "idempotency_keys", retention_idempotency_keys_sql, NULL,
			     RETENTION_IDEMPOTENCY_HOURS } },
	},
	{
		.name = "timelines",
		.columns = "post_event.*",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_post_events_sql,
		.export_sql = export_timelines_sql,
		.rules = { { "post_events", retention_post_events_sql, "retention_timeline_days",
			     0 } },
	},
	{
		.name = "attempts",
		.columns = "attempt.*",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_attempts_sql,
		.export_sql = export_attempts_sql,
	},
	{
		.name = "posts",
		.columns = "post.*",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_posts_sql,
		.export_sql = export_posts_sql,
	},
	{
		.name = "repairs",
		.columns = "video_repair.*",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_video_repairs_sql,
		.export_sql = export_repairs_sql,
	},
	{
		.name = "imports",
		.columns = "video_import.*",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_imports_sql,
		.export_sql = export_imports_sql,
		.rules = { { "imports", retention_imports_sql, "retention_imports_days", 0 } },
	},
	{
		.name = "videos",
		.columns = "video.* video_tag.* file_removal.*",
		.files = "videos",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_videos_sql,
		.export_sql = export_videos_sql,
		.rules = { { "refused_videos", retention_refused_videos_sql,
			     "retention_refused_days", 0 },
			   { "deleted_videos", retention_deleted_videos_sql, NULL,
			     RETENTION_DELETED_VIDEO_HOURS } },
	},
	{
		.name = "frames",
		.columns = "",
		.files = "frames",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_WITH,
		.withheld = "Made from your videos, which are in the export.",
	},
	{
		.name = "uploads",
		.columns = "upload.*",
		.files = "parts",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_uploads_sql,
		.export_sql = export_uploads_sql,
	},
	{
		.name = "upload_days",
		.columns = "upload_day.*",
		.basis = INVENTORY_SECURITY,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_upload_days_sql,
		.export_sql = export_upload_days_sql,
		.rules = { { "upload_days", retention_upload_days_sql, NULL,
			     RETENTION_UPLOAD_DAY_HOURS } },
	},
	{
		.name = "creator_info",
		.columns = "creator_info.*",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_creator_info_sql,
		.export_sql = export_creator_info_sql,
	},
	{
		.name = "call_times",
		.columns = "quota.*",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_quotas_sql,
		.withheld = no_use,
	},
	{
		.name = "access_tokens",
		.columns = "account_token.access_sealed",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_WITH,
		.withheld = by_design,
	},
	{
		.name = "refresh_tokens",
		.columns = "account_token.refresh_sealed",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_WITH,
		.withheld = by_design,
	},
	{
		.name = "token_dates",
		.columns = "account_token.*",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_tokens_sql,
		.export_sql = export_token_dates_sql,
	},
	{
		.name = "open_ids",
		.columns = "account.open_id",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_WITH,
		.withheld = elsewhere,
	},
	{
		.name = "scopes",
		.columns = "account.scopes",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_WITH,
		.withheld = elsewhere,
	},
	{
		.name = "accounts",
		.columns = "account.*",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_accounts_sql,
		.export_sql = export_accounts_sql,
	},
	{
		.name = "support",
		.columns = "support_thread.* support_message.*",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_support_sql,
		.export_sql = export_support_sql,
		.rules = { { "support_silent", retention_support_silent_sql, NULL,
			     RETENTION_SUPPORT_SILENT_HOURS },
			   { "support", retention_support_sql, "retention_support_days", 0 } },
	},
	{
		.name = "exports",
		.columns = "export_request.*",
		.files = "exports",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_exports_sql,
		.export_sql = export_exports_sql,
		.rules = { { "exports", retention_exports_sql, NULL, RETENTION_EXPORT_HOURS } },
	},
	{
		.name = "consents",
		.columns = "policy_consent.*",
		.basis = INVENTORY_PROOF,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_consents_sql,
		.export_sql = export_consents_sql,
	},
	{
		.name = "telegram",
		.columns = "",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_FLEETING,
		.withheld = "Nothing about Telegram is stored.",
	},
	{
		.name = "addresses",
		.columns = "audit_address.*",
		.basis = INVENTORY_SECURITY,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_addresses_sql,
		.withheld = elsewhere,
		/* Shortened; they go with their events. */
		.rules = { { "addresses_shortened", retention_addresses_sql,
			     "retention_addresses_days", 0 } },
	},
	{
		.name = "log_addresses",
		.columns = "",
		.files = "logs",
		.basis = INVENTORY_SECURITY,
		.end = INVENTORY_AGES,
		.withheld = "Logs are not sorted by person.",
	},
	{
		.name = "events",
		.columns = "audit_event.*",
		.basis = INVENTORY_SECURITY,
		.end = INVENTORY_KEPT,
		.export_sql = export_events_sql,
		.rules = { { "audit_events", retention_audit_events_sql, "retention_events_days",
			     0 } },
	},
	{
		.name = "receipts",
		.columns = "deletion_request.* deletion_step.* deletion_count.* deletion_subject.*",
		.basis = INVENTORY_PROOF,
		.end = INVENTORY_KEPT,
		.export_sql = export_receipts_sql,
		.rules = { { "receipts", retention_receipts_sql, "retention_receipts_days", 0 } },
	},
	{
		.name = "settings",
		.columns = "app_user.*",
		.basis = INVENTORY_SERVICE,
		.end = INVENTORY_ERASED,
		.erase_sql = erase_user_sql,
		.export_sql = export_settings_sql,
	},
};
const size_t inventory_count = ARRAY_SIZE(inventory);

static const struct {
	const char *name;
	size_t offset;
	int64_t unit_hours;
} settings[] = {
#define SETTING(name_, unit_)                                                                      \
	{                                                                                          \
#name_, offsetof(struct config, name_), unit_                                      \
	}
	SETTING(retention_sessions_days, 24), SETTING(retention_uploads_days, 24),
	SETTING(retention_timeline_days, 24), SETTING(retention_webhooks_days, 24),
	SETTING(retention_logs_days, 24),     SETTING(retention_receipts_days, 24),
	SETTING(retention_refused_days, 24),  SETTING(retention_imports_days, 24),
	SETTING(retention_removed_days, 24),  SETTING(retention_support_days, 24),
	SETTING(retention_events_days, 24),   SETTING(retention_addresses_days, 24),
	SETTING(session_idle_hours, 1),	      SETTING(session_absolute_days, 24),
	SETTING(deletion_grace_days, 24),     SETTING(export_hours, 1),
};

const struct inventory_kind *inventory_find(const char *name)
{
	for (size_t i = 0; i < inventory_count; i++)
		if (strcmp(inventory[i].name, name) == 0)
			return &inventory[i];
	return NULL;
}

enum status inventory_setting_hours(const char *name, const struct config *config,
				    int64_t *ret_hours)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		int64_t value;
		if (strcmp(settings[i].name, name) != 0)
			continue;
		memcpy(&value, (const char *)config + settings[i].offset, sizeof(value));
		*ret_hours = value * settings[i].unit_hours;
		return STATUS_OK;
	}
	return STATUS_NOT_FOUND;
}

static int64_t setting_hours(const char *name, const struct config *config)
{
	int64_t hours;
	if (inventory_setting_hours(name, config, &hours) != STATUS_OK)
		log_die("inventory_setting_unknown name=%s", name);
	return hours;
}

int64_t inventory_rule_hours(const struct inventory_rule *rule, const struct config *config)
{
	return rule->hours + (rule->setting ? setting_hours(rule->setting, config) : 0) +
	       (rule->and_setting ? setting_hours(rule->and_setting, config) : 0);
}
