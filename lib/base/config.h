/*
 * The one configuration file (design 8): `key = value` lines, '#' comments. An unknown key, a missing
 * key, a key given twice or a bad value stops the program and names file, line and key.
 * Secrets are named by file here and read elsewhere (base/secret.h).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct config {
	const char *public_url;	  /* origin, no slash at the end */
	const char *database;	  /* libpq connection string, no password */
	const char *media_dir;	  /* absolute directory */
	const char *media_socket; /* Unix socket of the media process */

	const char *tiktok_client_key;
	const char *tiktok_client_secret_file;
	const char *tiktok_auth_url; /* origin of the consent page */
	const char *tiktok_api_url;  /* origin of the API */
	const char *tiktok_transfer; /* "file_upload" or "pull_from_url" */
	const char *tiktok_scopes;   /* comma-separated, asked for at consent */
	bool tiktok_pkce;	     /* send TikTok's hex code_challenge (reference 1.3) */
	bool tiktok_audited;	     /* false: explain what an unaudited client may post (UX-36) */

	const char *token_public_key_file;
	const char *token_secret_key_file;

	const char *telegram_api_url;
	const char *telegram_bot_token_file;	  /* NULL: no bot */
	const char *telegram_webhook_secret_file; /* NULL: no bot */

	const char *support_email;
	const char *operator_name;
	const char *app_name;

	/* Kept for so many days; 0 is "remove at the next run" where the table allows it. */
	int64_t retention_sessions_days;
	int64_t retention_uploads_days;
	int64_t retention_posted_videos_days; /* 0: until the user deletes them */
	int64_t retention_timeline_days;
	int64_t retention_webhooks_days;
	int64_t retention_logs_days;
	int64_t retention_receipts_days;
	int64_t retention_refused_days; /* videos that a repair would mend, repairs not decided on */
	int64_t retention_imports_days;
	int64_t retention_removed_days; /* an account, after TikTok said that access was taken away */
	int64_t retention_support_days;	  /* threads, after they were closed */
	int64_t retention_events_days;	  /* the security record */
	int64_t retention_addresses_days; /* addresses in it, until they are shortened */

	int64_t deletion_grace_days; /* an erasure can be taken back so long; 0: it begins at once */
	int64_t export_hours;	     /* an archive can be fetched so long */
	const char *
		record_key_file; /* key of the hash that names an erased account; NULL: none kept */
	const char *policy_dir;	 /* the operator's own paragraphs; NULL: none */
	const char *support_sendmail; /* program that forwards support messages; NULL: none */

	int64_t session_idle_hours;
	int64_t session_absolute_days;

	int64_t publisher_transfers; /* posts in hand at once of one publisher: bounds its memory */
	int64_t publisher_per_account;	/* of an account in transfer at once, by all publishers */
	int64_t publisher_late_minutes; /* later than this a missed post is held for its user */
	int64_t publisher_probe_seconds; /* between tries while TikTok does not answer, and up to twice that */
	int64_t publisher_spacing_seconds; /* between posts of an account that an outage has kept back */
	int64_t quota_init_per_minute; /* per token, reference 3.10 */
	int64_t quota_creator_info_per_minute;
	int64_t quota_status_per_minute;
	int64_t quota_direct_per_day;  /* direct posts per creator */
	int64_t quota_pending_drafts;  /* drafts per creator that wait in the inbox */
	int64_t quota_active_creators; /* posting creators of the whole app a day; 0: not known */

	/* Limits of one user; 0: none. */
	int64_t user_storage_gb; /* videos and uploads under way, GB of 10^9 bytes */
	int64_t user_videos;
	int64_t user_uploads_per_day;
	int64_t user_uploads_unfinished; /* parts of one upload that is sent in parallel included */
	int64_t user_uploads_parallel;	 /* requests that bring bytes at the same time */
	int64_t upload_receivers;     /* requests that bring bytes at the same time, of all users */
	int64_t upload_idle_seconds;  /* a request that brings no byte for so long is ended */
	int64_t upload_request_hours; /* and any after so long; its client continues with the next */
	int64_t media_reserve_gb; /* free disk space that uploads leave alone, GB of 10^9 bytes */

	bool import_from_url;		/* users may have videos fetched from https addresses */
	int64_t import_minutes;		/* a fetch may take so long */
	const char *import_test_origin; /* loopback, may be fetched from all the same; NULL: none */
	const char *drop_dir;		/* folders of users that files are taken from; NULL: none */
	int64_t drop_quiet_seconds;	/* a file there must have been left alone for so long */

	bool live_demo; /* pages say that this is the quick start with the sandbox */
};

/* The file named by SPG_CONFIG, or /etc/spg-autoposter/spg.conf. */
const char *config_path(void);

/*
 * Read path into ret_config; the strings live as long as the process.
 * STATUS_BROKEN (each fault logged with file, line and key) when anything is wrong.
 */
MUST_CHECK enum status config_load(const char *path, struct config *ret_config);

/* True when url (https, or http to loopback) names a loopback host. */
bool config_url_is_loopback(const char *url);
