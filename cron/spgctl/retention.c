/* spgctl retention: each period, and what the janitor has removed by it; whether logs keep to theirs. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/file.h"
#include "base/json.h"
#include "base/number.h"
#include "queries.h"
#include "spgctl/ctl.h"
#include "store/db.h"
#include "store/inventory.h"
#include "store/listing.h"
#include "store/retention.h"

enum { FILE_MAX_BYTES = 64 * 1024 };

/* What the janitor removes besides the rules of the inventory. */
static const struct {
	const char *rule, *setting;
	int64_t hours;
} others[] = {
	{ "uploads", "retention_uploads_days", 0 },
	{ "posted_videos", "retention_posted_videos_days", 0 },
	{ "queued_files", NULL, 0 },
	{ "orphans_parts", NULL, RETENTION_ORPHAN_FILE_HOURS },
	{ "orphans_videos", NULL, RETENTION_ORPHAN_FILE_HOURS },
	{ "orphans_frames", NULL, RETENTION_ORPHAN_FILE_HOURS },
};

/* What the installed files say about logs, which no program of ours removes. */
static const struct {
	const char *rule, *path, *key; /* key: the word before the number of days */
} logs[] = {
	{ "logs_web", "/etc/logrotate.d/spg-autoposter", "maxage " },
	{ "logs_programs", "/etc/systemd/journald.conf.d/spg-autoposter.conf", "MaxRetentionSec=" },
};

static struct json_object *run_of(struct json_object *runs, const char *rule)
{
	for (size_t i = 0; runs && i < json_object_array_length(runs); i++) {
		struct json_object *run = json_object_array_get_idx(runs, i);
		if (strcmp(json_string_or(run, "rule", ""), rule) == 0)
			return run;
	}
	return NULL;
}

static void add_run(struct json_object *item, struct json_object *runs, const char *rule)
{
	static const char *const members[] = { "last_at", "last_count", "total", "since" };
	struct json_object *run = run_of(runs, rule);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		struct json_object *value = NULL;
		if (run)
			json_object_object_get_ex(run, members[i], &value);
		json_add(item, members[i], json_object_get(value));
	}
}

static void add_rule(struct json_object *items, struct json_object *runs, const char *rule,
		     const char *setting, int64_t hours)
{
	struct json_object *item = json_object_new_object();
	json_add_string(item, "rule", rule);
	json_add_string(item, "setting", setting);
	json_add_int(item, "hours", hours);
	add_run(item, runs, rule);
	json_add_string(item, "problem", NULL);
	json_array_push(items, item);
}

static void add_rules(struct ctl *ctl, struct json_object *runs, struct json_object *items)
{
	for (size_t i = 0; i < inventory_count * INVENTORY_RULES_MAX; i++) {
		const struct inventory_rule *rule =
			&inventory[i / INVENTORY_RULES_MAX].rules[i % INVENTORY_RULES_MAX];
		if (rule->name)
			add_rule(items, runs, rule->name, rule->setting,
				 inventory_rule_hours(rule, ctl->config));
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		int64_t hours = others[i].hours;
		if (others[i].setting &&
		    inventory_setting_hours(others[i].setting, ctl->config, &hours) != STATUS_OK)
			hours = 0;
		add_rule(items, runs, others[i].rule, others[i].setting, hours);
	}
}

/* NULL: as it should be; else what is wrong. *ret_days: what the file says, 0 where it says nothing. */
static const char *log_problem(struct ctl *ctl, const char *path, const char *key,
			       int64_t *ret_days)
{
	*ret_days = 0;
	CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = arena_alloc(ctl->arena, FILE_MAX_BYTES + 1);
	ssize_t length = fd < 0 ? -1 : file_read_all(fd, text, FILE_MAX_BYTES);
	if (length < 0)
		return arena_printf(ctl->arena, "%s: %s", path, strerror(errno));
	text[length] = '\0';
	const char *line = strstr(text, key);
	const char *digits = line ? line + strlen(key) : "";
	if (number_parse(arena_strndup(ctl->arena, digits, strspn(digits, "0123456789")), 1, 36500,
			 ret_days) != STATUS_OK)
		return arena_printf(ctl->arena, "%s names no period", path);
	if (*ret_days == ctl->config->retention_logs_days)
		return NULL;
	return arena_printf(ctl->arena, "%s says %" PRId64 " days", path, *ret_days);
}

static void add_logs(struct ctl *ctl, struct json_object *items)
{
	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		struct json_object *item = json_object_new_object();
		int64_t days;
		const char *problem = log_problem(ctl, logs[i].path, logs[i].key, &days);
		json_add_string(item, "rule", logs[i].rule);
		json_add_string(item, "setting", "retention_logs_days");
		json_add_int(item, "hours", ctl->config->retention_logs_days * 24);
		add_run(item, NULL, logs[i].rule);
		json_add_string(item, "problem", problem);
		json_array_push(items, item);
		/* The quick start sees to its own. */
		ctl->failed = ctl->failed || (problem && !ctl->config->live_demo);
	}
}

static enum status show(struct ctl *ctl)
{
	CLEANUP(json_object_put) struct json_object *runs = NULL;
	enum status st = ctl_arguments(ctl, NULL, 0, NULL, 0);
	if (st == STATUS_OK)
		st = listing_read(ctl->db, ctl_retention_sql, NO_PARAMS, &runs);
	if (st != STATUS_OK)
		return st;
	struct json_object *items = json_object_new_array();
	add_rules(ctl, runs, items);
	add_logs(ctl, items);
	ctl_items(ctl, items, "rule hours setting last_at last_count total problem");
	return STATUS_OK;
}

static const struct ctl_command commands[] = {
	{ NULL, NULL,
	  "each period, and what was removed by it; exit 1 when logs are kept otherwise", show,
	  .unrecorded = true },
};
const struct ctl_group ctl_retention = { "retention", commands, ARRAY_SIZE(commands) };
