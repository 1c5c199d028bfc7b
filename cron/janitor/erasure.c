/* Erasing: each step can be repeated, and what is left to do follows from what is there. */
#include "janitor/erasure.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/log.h"
#include "base/token.h"
#include "import/drop.h"
#include "janitor/erased.h"
#include "media/sweep.h"
#include "store/db.h"
#include "store/deletion.h"
#include "store/erase.h"
#include "store/erase_account.h"
#include "store/inventory.h"

enum {
	POSTS_WAIT_HOURS = 24,	/* for posts that were on their way when erasure was asked for */
	TOKENS_WAIT_HOURS = 72, /* for the publisher to give access back to TikTok */
	ALARM_DAYS = 20,	/* a request older than this is late (B121) */
	FILES_AT_ONCE = 200,
	ROUNDS_MAX = 3, /* what came anew in the very moment goes in the next */
	RESTORED_AT_ONCE = 500,
};

/* The archive of an export, if the name is one's: it is made under its own name. */
static enum status remove_export(const struct erasure *erasure, const char *name)
{
	CLEANUP(fd_close)
	int media = open(erasure->media_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(fd_close)
	int folder = media < 0 ? -1
			       : openat(media, "exports",
					O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return errno == ENOENT ? STATUS_OK : STATUS_BROKEN;
	if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
		return STATUS_OK;
	log_error("export_not_removed error=%s", strerror(errno));
	return STATUS_BROKEN;
}

/* Whatever lies under a name: parts, video, frames, archive. */
static enum status remove_name(const struct erasure *erasure, const char *name)
{
	enum status st = sweep_remove_upload(erasure->place.store, name);
	if (st == STATUS_OK)
		st = sweep_remove_video(erasure->place.store, name);
	if (st == STATUS_OK)
		st = remove_export(erasure, name);
	FAILPOINT("janitor_file_removed");
	return st;
}

static enum status remove_names(const struct erasure *erasure, const struct erase_names *names)
{
	enum status st = STATUS_OK;
	for (size_t i = 0; st == STATUS_OK && i < names->count; i++)
		st = *erasure->stopping ? STATUS_RETRY : remove_name(erasure, names->names[i]);
	return st;
}

/* Files go while rows still name them: a death in between finds them again. */
static enum status remove_files(const struct erasure *erasure, const struct erase_work *work)
{
	char after[PART_ID_SIZE] = "";
	int64_t removed = 0;
	for (size_t count = FILES_AT_ONCE; count == FILES_AT_ONCE;) {
		CLEANUP(arena) struct arena arena = { 0 };
		struct erase_names names;
		enum status st = erase_files(erasure->place.db, &arena, work->user_id, after,
					     FILES_AT_ONCE, &names);
		if (st == STATUS_OK)
			st = remove_names(erasure, &names);
		if (st != STATUS_OK)
			return st;
		count = names.count;
		removed += (int64_t)count;
		if (count > 0)
			memcpy(after, names.names[count - 1], sizeof(after));
	}
	CLEANUP(arena) struct arena arena = { 0 };
	log_info("erasure_files user=%" PRId64 " count=%" PRId64, work->user_id, removed);
	return deletion_mark(erasure->place.db, &arena, work->id, "files_removed", NULL);
}

static enum status erase_kind(const struct erasure *erasure, const struct erase_work *work,
			      const struct inventory_kind *kind)
{
	bool left = true;
	while (left) {
		CLEANUP(arena) struct arena arena = { 0 };
		struct erase_names names;
		if (*erasure->stopping)
			return STATUS_RETRY;
		enum status st = erase_batch(erasure->place.db, &arena, work, kind, &names, &left);
		FAILPOINT("janitor_rows_erased");
		/* Whoever was about to write one of them has found its row until now. */
		if (st == STATUS_OK)
			st = remove_names(erasure, &names);
		if (st != STATUS_OK)
			return st;
	}
	return STATUS_OK;
}

static enum status erase_kinds(const struct erasure *erasure, const struct erase_work *work)
{
	enum status st = STATUS_OK;
	for (size_t i = 0; st == STATUS_OK && i < inventory_count; i++)
		if (inventory[i].erase_sql && !erase_is_last(&inventory[i]))
			st = erase_kind(erasure, work, &inventory[i]);
	return st;
}

/* What is to be known about the user afterwards: by whoever asks for an account, and by a restored backup. */
static enum status note_user(const struct erasure *erasure, int erased,
			     const struct erase_work *work)
{
	CLEANUP(arena) struct arena arena = { 0 };
	int64_t created_us;
	enum status st = STATUS_OK;
	if (erasure->record_key.bytes)
		st = erase_subjects(erasure->place.db, &arena, work, erasure->record_key);
	if (st == STATUS_OK)
		st = erase_created(erasure->place.db, &arena, work->user_id, &created_us);
	/* Gone already: the request alone is left to be ended. */
	if (st == STATUS_NOT_FOUND)
		return STATUS_OK;
	if (st == STATUS_OK)
		st = erased_add(erased, &arena, work->user_id, created_us);
	FAILPOINT("janitor_user_noted");
	return st;
}

static enum status erase_data(const struct erasure *erasure, int erased,
			      const struct erase_work *work)
{
	/* First what makes files. */
	CLEANUP(arena) struct arena arena = { 0 };
	enum status st = drop_erase(&erasure->place, work->user_id);
	if (st == STATUS_OK)
		st = erase_stop_videos(erasure->place.db, &arena, work->user_id);
	FAILPOINT("janitor_makers_stopped");
	if (st == STATUS_OK)
		st = remove_files(erasure, work);
	FAILPOINT("janitor_files_erased");
	if (st == STATUS_OK)
		st = note_user(erasure, erased, work);
	if (st == STATUS_OK)
		st = erase_kinds(erasure, work);
	FAILPOINT("janitor_kinds_erased");
	if (st == STATUS_OK)
		st = erase_finish(erasure->place.db, &arena, work);
	FAILPOINT("janitor_user_erased");
	return st;
}

/* Tokens first. ret_ready: they are gone. */
static enum status erase_tokens(const struct erasure *erasure, struct arena *arena,
				const struct erase_work *work, bool *ret_ready)
{
	struct db *db = erasure->place.db;
	struct erase_work now;
	*ret_ready = work->tokens_revoked;
	if (*ret_ready)
		return STATUS_OK;
	enum status st = deletion_tokens_revoked(db, arena, work->user_id);
	if (st == STATUS_OK)
		st = erase_next(db, arena, work->id - 1, &now);
	if (st != STATUS_OK)
		return st == STATUS_NOT_FOUND ? STATUS_OK : st;
	if (now.id == work->id && !now.tokens_revoked && work->age_hours >= TOKENS_WAIT_HOURS) {
		log_warn("erasure_tokens_not_revoked user=%" PRId64 " age_h=%" PRId64,
			 work->user_id, work->age_hours);
		*ret_ready = true;
		return erase_wipe_tokens(db, arena, work);
	}
	*ret_ready = now.id == work->id && now.tokens_revoked;
	return STATUS_OK;
}

/* Stop what is going on; ret_ready: it has come to its end, or is not waited for any longer. */
static enum status settle(const struct erasure *erasure, struct arena *arena,
			  struct erase_work *work, bool *ret_ready)
{
	struct db *db = erasure->place.db;
	enum status st = STATUS_OK;
	*ret_ready = false;
	if (work->grace_over) {
		st = erase_begin(db, arena, work);
		FAILPOINT("janitor_grace_over");
	}
	if (st == STATUS_OK)
		st = erase_calm(db, arena, work);
	FAILPOINT("janitor_calmed");
	if (st != STATUS_OK || work->in_grace)
		return st == STATUS_NOT_FOUND ? STATUS_OK : st;
	st = erase_tokens(erasure, arena, work, ret_ready);
	bool posts_ended = work->posts_under_way == 0 || work->age_hours >= POSTS_WAIT_HOURS;
	if (st == STATUS_OK && (!*ret_ready || !posts_ended))
		log_info("erasure_waits user=%" PRId64
			 " tokens_revoked=%d posts_under_way=%" PRId64,
			 work->user_id, *ret_ready, work->posts_under_way);
	*ret_ready = *ret_ready && posts_ended;
	return st;
}

static enum status erase_user(const struct erasure *erasure, int erased, struct erase_work *work)
{
	CLEANUP(arena) struct arena arena = { 0 };
	bool ready;
	if (!work->in_grace && work->age_hours >= ALARM_DAYS * 24)
		log_error("erasure_late user=%" PRId64 " age_h=%" PRId64
			  " remedy=see why the publisher or the janitor does not get through",
			  work->user_id, work->age_hours);
	enum status st = settle(erasure, &arena, work, &ready);
	if (st != STATUS_OK || !ready)
		return st;
	st = deletion_mark(erasure->place.db, &arena, work->id, "posts_ended",
			   work->posts_under_way ? "not_waited_longer" : NULL);
	FAILPOINT("janitor_posts_ended");
	if (st == STATUS_OK)
		st = erase_data(erasure, erased, work);
	for (int i = 1; st == STATUS_CONFLICT && i < ROUNDS_MAX; i++)
		st = erase_data(erasure, erased, work);
	if (st == STATUS_OK)
		log_info("erasure_done user=%" PRId64, work->user_id);
	return st;
}

static enum status erase_users(const struct erasure *erasure, int erased)
{
	enum status result = STATUS_OK;
	struct erase_work work = { 0 };
	while (!*erasure->stopping) {
		CLEANUP(arena) struct arena arena = { 0 };
		enum status st = erase_next(erasure->place.db, &arena, work.id, &work);
		if (st == STATUS_NOT_FOUND)
			break;
		if (st != STATUS_OK)
			return st;
		st = erase_user(erasure, erased, &work);
		if (st != STATUS_OK) {
			log_error("erasure_failed user=%" PRId64 " status=%s", work.user_id,
				  status_name(st));
			result = st;
		}
	}
	return result;
}

/* An account that its creator took away from us: alone, or with its user when it was the last. */
static enum status erase_accounts(const struct erasure *erasure)
{
	enum status result = STATUS_OK;
	struct erase_account_work work = { 0 };
	while (!*erasure->stopping) {
		CLEANUP(arena) struct arena arena = { 0 };
		enum status st = erase_account_next(erasure->place.db, &arena, work.id, &work);
		if (st == STATUS_NOT_FOUND)
			break;
		if (st != STATUS_OK)
			return st;
		if (work.posts_under_way > 0 && work.age_hours < POSTS_WAIT_HOURS)
			continue;
		bool left = true;
		while (st == STATUS_OK && left && !*erasure->stopping) {
			st = erase_account_step(erasure->place.db, &arena, &work, &left);
			FAILPOINT("janitor_account_rows_erased");
		}
		if (st != STATUS_OK) {
			log_error("account_erasure_failed account=%" PRId64 " status=%s", work.id,
				  status_name(st));
			result = st;
		}
	}
	return result;
}

static enum status find_restored(const struct erasure *erasure, int file)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct erased erased;
	enum status st = erased_read(file, &arena, &erased);
	for (size_t i = 0; st == STATUS_OK && i < erased.count; i += RESTORED_AT_ONCE) {
		size_t count = erased.count - i;
		int64_t found = 0;
		st = erase_restored(erasure->place.db, &arena, erased.ids + i,
				    erased.created_us + i,
				    count < RESTORED_AT_ONCE ? count : RESTORED_AT_ONCE, &found);
		if (found > 0)
			log_warn("erasure_restored users=%" PRId64, found);
	}
	return st;
}

enum status erasure_run(const struct erasure *erasure)
{
	CLEANUP(fd_close) int file = erased_open(erasure->media_dir);
	if (file < 0)
		return STATUS_BROKEN;
	enum status st = find_restored(erasure, file);
	if (st == STATUS_OK)
		st = erase_accounts(erasure);
	enum status users = erase_users(erasure, file);
	return st == STATUS_OK ? users : st;
}

enum status erasure_restored(const struct erasure *erasure)
{
	CLEANUP(fd_close) int file = erased_open(erasure->media_dir);
	if (file < 0)
		return STATUS_BROKEN;
	enum status st = find_restored(erasure, file);
	struct erase_work work = { 0 };
	while (st == STATUS_OK) {
		CLEANUP(arena) struct arena arena = { 0 };
		st = erase_next(erasure->place.db, &arena, work.id, &work);
		if (st == STATUS_OK && !work.grace_over)
			st = erase_calm(erasure->place.db, &arena, &work);
	}
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}
