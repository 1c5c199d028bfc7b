/* The configuration: one table of keys, read once. */
#include "base/config.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/number.h"

enum config_type {
	CONFIG_TEXT,
	CONFIG_PATH,	 /* absolute */
	CONFIG_ORIGIN,	 /* https://host[:port], or http:// for a loopback host */
	CONFIG_DATABASE, /* libpq string without a password */
	CONFIG_TRANSFER,
	CONFIG_BOOL,
	CONFIG_INT,
};

struct config_key {
	const char *name;
	enum config_type type;
	size_t offset;
	const char *fallback; /* NULL: required; "": optional, stays NULL */
	int64_t min, max;
};

#define KEY(name_, type_, fallback_)                                                               \
	{                                                                                          \
#name_, type_, offsetof(struct config, name_), fallback_, 0, 0                     \
	}
#define INT(name_, fallback_, min_, max_)                                                          \
	{                                                                                          \
#name_, CONFIG_INT, offsetof(struct config, name_), fallback_, min_, max_          \
	}
#define REQUIRED NULL
#define OPTIONAL ""

static const struct config_key keys[] = {
	KEY(public_url, CONFIG_ORIGIN, REQUIRED),
	KEY(database, CONFIG_DATABASE, REQUIRED),
	KEY(media_dir, CONFIG_PATH, REQUIRED),
	KEY(media_socket, CONFIG_PATH, "/run/spg-autoposter/media.sock"),
	KEY(tiktok_client_key, CONFIG_TEXT, REQUIRED),
	KEY(tiktok_client_secret_file, CONFIG_PATH, REQUIRED),
	KEY(tiktok_auth_url, CONFIG_ORIGIN, "https://www.tiktok.com"),
	KEY(tiktok_api_url, CONFIG_ORIGIN, "https://open.tiktokapis.com"),
	KEY(tiktok_transfer, CONFIG_TRANSFER, "file_upload"),
	KEY(tiktok_scopes, CONFIG_TEXT, "user.info.basic,video.publish,video.upload"),
	KEY(tiktok_pkce, CONFIG_BOOL, "no"),
	KEY(tiktok_audited, CONFIG_BOOL, "yes"),
	KEY(token_public_key_file, CONFIG_PATH, REQUIRED),
	KEY(token_secret_key_file, CONFIG_PATH, REQUIRED),
	KEY(telegram_api_url, CONFIG_ORIGIN, "https://api.telegram.org"),
	KEY(telegram_bot_token_file, CONFIG_PATH, OPTIONAL),
	KEY(telegram_webhook_secret_file, CONFIG_PATH, OPTIONAL),
	KEY(support_email, CONFIG_TEXT, REQUIRED),
	KEY(operator_name, CONFIG_TEXT, REQUIRED),
	KEY(app_name, CONFIG_TEXT, "SPG Autoposter"),
	INT(retention_sessions_days, "30", 0, 3650),
	INT(retention_uploads_days, "1", 0, 3650),
	INT(retention_posted_videos_days, "0", 0, 3650),
	INT(retention_timeline_days, "365", 1, 3650),
	INT(retention_webhooks_days, "30", 7, 3650),
	INT(retention_logs_days, "30", 1, 3650),
	INT(retention_receipts_days, "1095", 1, 36500),
	INT(retention_refused_days, "7", 0, 3650),
	INT(retention_imports_days, "30", 1, 3650),
	INT(retention_removed_days, "30", 0, 365),
	INT(retention_support_days, "365", 1, 3650),
	INT(retention_events_days, "1095", 2, 36500),
	INT(retention_addresses_days, "30", 1, 3650),
	INT(deletion_grace_days, "0", 0, 30),
	INT(export_hours, "24", 1, 24),
	KEY(record_key_file, CONFIG_PATH, OPTIONAL),
	KEY(policy_dir, CONFIG_PATH, OPTIONAL),
	KEY(support_sendmail, CONFIG_PATH, OPTIONAL),
	INT(session_idle_hours, "168", 1, 24 * 365),
	INT(session_absolute_days, "30", 1, 365),
	INT(publisher_transfers, "64", 1, 1024),
	INT(publisher_per_account, "1", 1, 16),
	INT(publisher_late_minutes, "120", 1, 7 * 24 * 60),
	INT(publisher_probe_seconds, "60", 1, 3600),
	INT(publisher_spacing_seconds, "60", 0, 3600),
	INT(quota_init_per_minute, "6", 1, 1000000),
	INT(quota_creator_info_per_minute, "20", 1, 1000000),
	INT(quota_status_per_minute, "30", 1, 1000000),
	INT(quota_direct_per_day, "15", 1, 1000000),
	INT(quota_pending_drafts, "5", 1, 1000000),
	INT(quota_active_creators, "0", 0, 1000000),
	INT(user_storage_gb, "50", 0, 1000000),
	INT(user_videos, "2000", 0, 1000000),
	INT(user_uploads_per_day, "500", 0, 1000000),
	INT(user_uploads_unfinished, "60", 1, 10000),
	INT(user_uploads_parallel, "20", 1, 10000),
	INT(upload_receivers, "1000", 1, 10000),
	INT(upload_idle_seconds, "60", 5, 3600),
	INT(upload_request_hours, "24", 1, 240),
	INT(media_reserve_gb, "1", 1, 100000),
	KEY(import_from_url, CONFIG_BOOL, "yes"),
	KEY(import_test_origin, CONFIG_ORIGIN, OPTIONAL),
	INT(import_minutes, "60", 1, 1440),
	KEY(drop_dir, CONFIG_PATH, OPTIONAL),
	INT(drop_quiet_seconds, "60", 1, 86400),
	KEY(live_demo, CONFIG_BOOL, "no"),
};

const char *config_path(void)
{
	const char *path = getenv("SPG_CONFIG");
	return path && *path ? path : "/etc/spg-autoposter/spg.conf";
}

/* What follows "http://" or "https://", else NULL. */
static const char *after_scheme(const char *url)
{
	if (strncmp(url, "https://", 8) == 0)
		return url + 8;
	return strncmp(url, "http://", 7) == 0 ? url + 7 : NULL;
}

/* What follows ":" and a port at the start of text, or text itself where there is none. */
static const char *after_port(const char *text)
{
	size_t digits = *text == ':' ? strspn(text + 1, "0123456789") : 0;
	return digits > 0 && digits <= 5 ? text + 1 + digits : text;
}

bool config_url_is_loopback(const char *url)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost", "[::1]" };
	const char *host = after_scheme(url);
	for (size_t i = 0; host && i < ARRAY_SIZE(hosts); i++) {
		size_t length = strlen(hosts[i]);
		/*
		 * Nothing but a port may come before the path or the end (which strchr finds too):
		 * "http://127.0.0.1:1@host/" is elsewhere.
		 */
		if (strncmp(host, hosts[i], length) == 0 &&
		    strchr("/?#", *after_port(host + length)))
			return true;
	}
	return false;
}

static bool is_origin(const char *url)
{
	const char *host = after_scheme(url);
	if (!host || (url[4] == ':' && !config_url_is_loopback(url)))
		return false;
	const char *end = host + strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					      "0123456789.-");
	if (*host == '[') {
		end = host + 1 + strspn(host + 1, "0123456789abcdefABCDEF:.");
		if (end == host + 1 || *end++ != ']')
			return false;
	}
	return end > host && *after_port(end) == '\0';
}

static bool has_password(const char *conninfo)
{
	return strstr(conninfo, "password") || strstr(conninfo, "://");
}

/* NULL when value fits, else what is expected. */
static const char *config_set(struct config *config, const struct config_key *key,
			      const char *value)
{
	void *field = (char *)config + key->offset;
	switch (key->type) {
	case CONFIG_TEXT:
		if (!*value)
			return "some text";
		break;
	case CONFIG_PATH:
		if (*value != '/')
			return "an absolute path";
		break;
	case CONFIG_ORIGIN:
		if (!is_origin(value))
			return "https://host without a path (http:// only for 127.0.0.1 or "
			       "localhost)";
		break;
	case CONFIG_DATABASE:
		if (!*value || has_password(value))
			return "a libpq `keyword=value` string without a password";
		break;
	case CONFIG_TRANSFER:
		if (strcmp(value, "file_upload") != 0 && strcmp(value, "pull_from_url") != 0)
			return "file_upload or pull_from_url";
		break;
	case CONFIG_BOOL:
		if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
			return "yes or no";
		*(bool *)field = *value == 'y';
		return NULL;
	case CONFIG_INT:
		if (number_parse(value, key->min, key->max, field) != STATUS_OK)
			return "a whole number in the documented range";
		return NULL;
	}
	char *copy = strdup(value);
	if (!copy)
		log_die("out_of_memory");
	*(const char **)field = copy;
	return NULL;
}

/* Free the texts of a configuration that nobody gets. */
static void config_drop(struct config *config)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (keys[i].type != CONFIG_BOOL && keys[i].type != CONFIG_INT)
			free(*(char **)(void *)((char *)config + keys[i].offset));
	}
}

static char *trim(char *text)
{
	text += strspn(text, " \t");
	size_t length = strlen(text);
	while (length > 0 && strchr(" \t\r\n", text[length - 1]))
		text[--length] = '\0';
	return text;
}

static const struct config_key *key_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	}
	return NULL;
}

static enum status config_line(struct config *config, const char *path, int number, char *line,
			       bool *seen)
{
	char *name = trim(line);
	if (*name == '\0' || *name == '#')
		return STATUS_OK;
	char *equals = strchr(name, '=');
	if (!equals) {
		log_error("config_bad file=%s line=%d problem=expected `key = value`", path,
			  number);
		return STATUS_BROKEN;
	}
	*equals = '\0';
	name = trim(name);
	char *value = trim(equals + 1);
	const struct config_key *key = key_find(name);
	if (!key) {
		log_error("config_bad file=%s line=%d key=%s problem=unknown key", path, number,
			  name);
		return STATUS_BROKEN;
	}
	if (seen[key - keys]) {
		log_error("config_bad file=%s line=%d key=%s problem=given twice", path, number,
			  name);
		return STATUS_BROKEN;
	}
	seen[key - keys] = true;
	const char *expected = config_set(config, key, value);
	if (expected) {
		log_error("config_bad file=%s line=%d key=%s expected=%s", path, number, name,
			  expected);
		return STATUS_BROKEN;
	}
	return STATUS_OK;
}

/* STATUS_BROKEN when a line is bad or the file cannot be read; each fault is logged. */
static enum status config_read(struct config *config, const char *path, FILE *file, bool *seen)
{
	enum status result = STATUS_OK;
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	for (int number = 1; (length = getline(&line, &size, file)) >= 0; number++) {
		if (strlen(line) != (size_t)length) {
			log_error("config_bad file=%s line=%d problem=holds a NUL", path, number);
			result = STATUS_BROKEN;
		} else if (config_line(config, path, number, line, seen) != STATUS_OK) {
			result = STATUS_BROKEN;
		}
	}
	free(line);
	if (ferror(file)) {
		log_error("config_unreadable file=%s error=%s", path, strerror(errno));
		return STATUS_BROKEN;
	}
	return result;
}

/* Set what the file did not; STATUS_BROKEN when something that has no default is missing. */
static enum status config_defaults(struct config *config, const char *path, const bool *seen)
{
	enum status result = STATUS_OK;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (seen[i])
			continue;
		if (!keys[i].fallback) {
			log_error("config_bad file=%s key=%s problem=missing", path, keys[i].name);
			result = STATUS_BROKEN;
		} else if (*keys[i].fallback &&
			   config_set(config, &keys[i], keys[i].fallback) != NULL) {
			log_die("config_default_bad key=%s", keys[i].name);
		}
	}
	return result;
}

enum status config_load(const char *path, struct config *ret_config)
{
	FILE *file = fopen(path, "re");
	if (!file) {
		log_error("config_unreadable file=%s error=%s remedy=name the file by SPG_CONFIG",
			  path, strerror(errno));
		return STATUS_BROKEN;
	}
	struct config config = { 0 };
	bool seen[ARRAY_SIZE(keys)] = { false };
	enum status read = config_read(&config, path, file, seen);
	fclose(file);
	enum status completed = config_defaults(&config, path, seen);
	if (read != STATUS_OK || completed != STATUS_OK) {
		config_drop(&config);
		return STATUS_BROKEN;
	}
	*ret_config = config;
	return STATUS_OK;
}
