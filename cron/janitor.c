/*
 * Started each hour: erases users who asked for it, removes files that nobody needs and rows that
 * are old, tells which files are gone, takes what lies in drop folders, then exits; with --drop, each few
 * minutes, what people wait for alone: drop folders, deleted files, erasures; with --restored, after a backup was
 * restored and before anything else runs, it stops what users who were erased before had planned. All of it in
 * small steps that can be repeated: a janitor that dies anywhere, or runs twice at once, does no harm.
 */
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/process.h"
#include "base/secret.h"
#include "base/token.h"
#include "import/drop.h"
#include "janitor/erasure.h"
#include "janitor/missing.h"
#include "media/part.h"
#include "media/sweep.h"
#include "store/audit_chain.h"
#include "store/db.h"
#include "store/inventory.h"
#include "store/retention.h"

enum {
	FILES_AT_ONCE = 100,
};

struct janitor {
	struct config config;
	struct db *db;
	struct part_store store;
	struct secret record_key;
};

static struct intake_place place_of(const struct janitor *janitor)
{
	return (struct intake_place){ &janitor->config, &janitor->store, janitor->db };
}

static volatile sig_atomic_t stopping;

static void on_stop(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

/* Note what a rule has removed where the operator's report looks it up. */
static void note(struct janitor *janitor, const char *rule, int64_t count)
{
	CLEANUP(arena) struct arena arena = { 0 };
	if (retention_note(janitor->db, &arena, rule, count) != STATUS_OK)
		log_warn("janitor_not_noted what=%s", rule);
}

static void report(struct janitor *janitor, const char *what, int64_t count)
{
	log_info("janitor_removed what=%s count=%" PRId64, what, count);
	note(janitor, what, count);
}

static enum status erase(struct janitor *janitor)
{
	return erasure_run(&(struct erasure){ place_of(janitor), janitor->config.media_dir,
					      janitor->record_key, &stopping });
}

/* The row goes first: whoever is about to finish the upload then finds it gone, and not its file.
 */
static enum status drop_upload(struct janitor *janitor, const char *id, int64_t *dropped)
{
	bool finished;
	enum status st = retention_upload_drop(janitor->db, id, &finished);
	if (st == STATUS_NOT_FOUND)
		return STATUS_OK;
	if (st != STATUS_OK)
		return st;
	FAILPOINT("janitor_upload_dropped");
	st = sweep_remove_upload(&janitor->store, id);
	if (st == STATUS_OK && !finished)
		st = sweep_remove_video(&janitor->store, id);
	*dropped += !finished;
	return st;
}

static enum status drop_uploads(struct janitor *janitor)
{
	CLEANUP(arena) struct arena kept = { 0 };
	const char *after = NULL;
	int64_t dropped = 0;
	enum status result = STATUS_OK;
	for (size_t count = 1; count > 0 && !stopping;) {
		CLEANUP(arena) struct arena arena = { 0 };
		struct retention_names uploads;
		enum status st = retention_old_uploads(janitor->db, &arena, after, &uploads);
		if (st != STATUS_OK)
			return st;
		count = uploads.count;
		for (size_t i = 0; i < count; i++) {
			st = drop_upload(janitor, uploads.names[i], &dropped);
			if (st != STATUS_OK)
				result = st;
		}
		if (count > 0)
			after = arena_strdup(&kept, uploads.names[count - 1]);
	}
	report(janitor, "uploads", dropped);
	return result;
}

static enum status drop_posted_videos(struct janitor *janitor)
{
	int64_t total = 0, count = 1;
	while (count > 0 && !stopping) {
		CLEANUP(arena) struct arena arena = { 0 };
		enum status st = retention_posted_videos(
			janitor->db, &arena, janitor->config.retention_posted_videos_days, &count);
		if (st != STATUS_OK)
			return st;
		total += count;
	}
	report(janitor, "posted_videos", total);
	return STATUS_OK;
}

static enum status remove_queued(struct janitor *janitor, const char *file)
{
	enum status st = sweep_remove(&janitor->store, file);
	/* A name that cannot be ours would stand in the queue for ever. */
	if (st == STATUS_INVALID)
		log_error("file_removal_odd_name bytes=%zu", strlen(file));
	else if (st != STATUS_OK)
		return st;
	FAILPOINT("janitor_queued_removed");
	return retention_file_removed(janitor->db, file);
}

static enum status remove_queue(struct janitor *janitor)
{
	CLEANUP(arena) struct arena kept = { 0 };
	const char *after = NULL;
	int64_t removed = 0;
	enum status result = STATUS_OK;
	for (size_t count = 1; count > 0 && !stopping;) {
		CLEANUP(arena) struct arena arena = { 0 };
		struct retention_names files;
		enum status st = retention_file_queue(janitor->db, &arena, after, &files);
		if (st != STATUS_OK)
			return st;
		count = files.count;
		for (size_t i = 0; i < count; i++) {
			st = remove_queued(janitor, files.names[i]);
			removed += st == STATUS_OK;
			if (st != STATUS_OK)
				result = st;
		}
		if (count > 0)
			after = arena_strdup(&kept, files.names[count - 1]);
	}
	report(janitor, "queued_files", removed);
	return result;
}

static bool is_named(const struct retention_names *names, const char *id)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->names[i], id) == 0)
			return true;
	}
	return false;
}

/* Of these files, remove those whose id no row knows. */
static enum status remove_orphans_among(struct janitor *janitor, struct arena *arena,
					const struct sweep *sweep, enum sweep_folder folder,
					const struct sweep_file *files, size_t count,
					int64_t *removed)
{
	struct retention_names ids = { arena_alloc(arena, count * sizeof(*ids.names)), count };
	struct retention_names orphans;
	for (size_t i = 0; i < count; i++)
		ids.names[i] = files[i].id;
	enum status st =
		retention_orphans(janitor->db, arena, &ids, folder == SWEEP_PARTS, &orphans);
	for (size_t i = 0; st == STATUS_OK && i < count; i++) {
		if (!is_named(&orphans, files[i].id))
			continue;
		st = sweep_remove_file(sweep, files[i].name);
		*removed += st == STATUS_OK;
	}
	return st;
}

static enum status remove_orphans(struct janitor *janitor, enum sweep_folder folder)
{
	CLEANUP(sweep_close) struct sweep *sweep = NULL;
	int64_t removed = 0, foreign = 0;
	enum status st = sweep_open(&janitor->store, folder, &sweep);
	for (size_t count = 1; st == STATUS_OK && count > 0 && !stopping;) {
		CLEANUP(arena) struct arena arena = { 0 };
		struct sweep_file files[FILES_AT_ONCE];
		count = sweep_next(sweep, &arena, RETENTION_ORPHAN_FILE_HOURS * 3600, files,
				   FILES_AT_ONCE, &foreign);
		if (count > 0)
			st = remove_orphans_among(janitor, &arena, sweep, folder, files, count,
						  &removed);
	}
	CLEANUP(arena) struct arena arena = { 0 };
	log_info("janitor_removed what=orphans folder=%s count=%" PRId64, sweep_folder_name(folder),
		 removed);
	note(janitor, arena_printf(&arena, "orphans_%s", sweep_folder_name(folder)), removed);
	if (foreign > 0)
		log_warn("janitor_foreign_files folder=%s count=%" PRId64
			 " remedy=see who put them into media_dir",
			 sweep_folder_name(folder), foreign);
	return st;
}

static enum status remove_all_orphans(struct janitor *janitor)
{
	static const enum sweep_folder folders[] = { SWEEP_PARTS, SWEEP_VIDEOS, SWEEP_FRAMES };
	enum status result = STATUS_OK;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		enum status st = remove_orphans(janitor, folders[i]);
		if (st != STATUS_OK)
			result = st;
	}
	return result;
}

static enum status apply_rule(struct janitor *janitor, const struct inventory_rule *rule)
{
	int64_t total = 0;
	bool left = true;
	while (left && !stopping) {
		CLEANUP(arena) struct arena arena = { 0 };
		int64_t count;
		enum status st = retention_apply(janitor->db, &arena, rule,
						 inventory_rule_hours(rule, &janitor->config),
						 &count, &left);
		if (st != STATUS_OK)
			return st;
		total += count;
	}
	report(janitor, rule->name, total);
	return STATUS_OK;
}

static enum status apply_rules(struct janitor *janitor)
{
	enum status result = STATUS_OK;
	for (size_t i = 0; i < inventory_count; i++) {
		const struct inventory_rule *rules = inventory[i].rules;
		for (size_t j = 0; j < INVENTORY_RULES_MAX && rules[j].name; j++) {
			enum status st = apply_rule(janitor, &rules[j]);
			if (st != STATUS_OK)
				result = st;
		}
	}
	return result;
}

/* So that the log tells which chain it was: whoever rewrites the record cannot rewrite that. */
static enum status log_head(struct janitor *janitor)
{
	CLEANUP(arena) struct arena arena = { 0 };
	int64_t position;
	const char *hash;
	enum status st = audit_head_read(janitor->db, &arena, &position, &hash);
	if (st == STATUS_OK)
		log_info("audit_head position=%" PRId64 " hash=%s", position, hash);
	return st;
}

static enum status note_missing(struct janitor *janitor)
{
	return missing_check(janitor->db, &janitor->store, &stopping);
}

static enum status take_dropped(struct janitor *janitor)
{
	const struct intake_place place = place_of(janitor);
	return drop_all(&place, &stopping);
}

static enum status work(struct janitor *janitor)
{
	static const struct {
		const char *name;
		enum status (*run)(struct janitor *janitor);
	} parts[] = {
		{ "erasures", erase },
		{ "uploads", drop_uploads },
		{ "posted_videos", drop_posted_videos },
		{ "queued_files", remove_queue },
		{ "orphans", remove_all_orphans },
		{ "old_rows", apply_rules },
		{ "audit_head", log_head },
		{ "missing_files", note_missing },
		{ "drop_folders", take_dropped },
	};
	enum status result = STATUS_OK;
	for (size_t i = 0; i < ARRAY_SIZE(parts) && !stopping; i++) {
		enum status st = parts[i].run(janitor);
		if (st != STATUS_OK) {
			log_error("janitor_failed part=%s status=%s", parts[i].name,
				  status_name(st));
			result = st;
		}
	}
	if (result == STATUS_OK && !stopping)
		result = retention_heartbeat(janitor->db);
	return result;
}

/* What people wait for: dropped files, the room that deleted ones take, and to be erased. */
static enum status work_often(struct janitor *janitor)
{
	enum status taken = take_dropped(janitor);
	enum status removed = remove_queue(janitor);
	enum status erased = erase(janitor);
	return taken != STATUS_OK ? taken : removed != STATUS_OK ? removed : erased;
}

/* A backup has come back: before anything else runs, stop what erased users had planned in it. */
static enum status work_restored(struct janitor *janitor)
{
	return erasure_restored(&(struct erasure){ place_of(janitor), janitor->config.media_dir,
						   janitor->record_key, &stopping });
}

typedef enum status janitor_work(struct janitor *janitor);

/* What is started with which argument; NULL: there is no such one. */
static janitor_work *work_named(int argc, char **argv)
{
	if (argc == 1)
		return work;
	if (argc == 2 && strcmp(argv[1], "--drop") == 0)
		return work_often;
	return argc == 2 && strcmp(argv[1], "--restored") == 0 ? work_restored : NULL;
}

static enum status open_all(struct janitor *janitor)
{
	const struct config *config = &janitor->config;
	enum status st = config_load(config_path(), &janitor->config);
	if (st == STATUS_OK)
		st = part_store_open(config->media_dir, &janitor->store);
	if (st == STATUS_OK && config->record_key_file)
		st = secret_load(config->record_key_file, &janitor->record_key);
	return st == STATUS_OK ? db_open(config->database, "janitor", &janitor->db) : st;
}

int main(int argc, char **argv)
{
	log_open("janitor");
	janitor_work *run = work_named(argc, argv);
	if (!run) {
		log_error("usage: janitor [--drop | --restored]");
		return 2;
	}
	token_init();
	process_hide();
	struct sigaction stop = { .sa_handler = on_stop };
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);

	/* Lives as long as the process, as its configuration does. */
	static struct janitor janitor;
	if (open_all(&janitor) != STATUS_OK)
		return 1;
	enum status st = run(&janitor);
	db_close(janitor.db);
	return st == STATUS_OK ? 0 : 1;
}
