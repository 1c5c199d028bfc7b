/*
 * spgctl keys: makes, changes and checks the keys that seal tokens. Root alone may change the files; the boxes are
 * opened and sealed by a child that becomes spg_publisher, and the record is written by one that becomes spg_ctl.
 *
 * A rotation adds a key to the ring, waits until every publisher that may still claim a post knows it, lets it seal,
 * seals all boxes anew, and drops the old key once no box needs it. Where it stands follows from the two files and the
 * boxes alone, so that one that was broken off goes on when it is begun again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "spgctl/ctl.h"
#include "spgctl/keyfile.h"
#include "store/db.h"
#include "store/reseal.h"

enum {
	/* A publisher claims for 62 seconds; one that starts after the ring has grown knows the new key. */
	KNOWN_AFTER_S = 65,
	RESEAL_PASSES = 3,
	ANSWER_MAX = 64 * 1024,
	JSON_DEPTH = 4,
};

static struct config config; /* as long as the process, as its strings */

struct rotation {
	struct ctl *ctl;
	const struct config *config;
	struct keyfile file;
	bool now; /* no program runs that would have to learn of it */
};

/* What a child does with the database; its answer, if any, is taken over. */
typedef enum status child_work(struct ctl *ctl, struct db *db, const void *context,
			       struct json_object **ret_answer);

/* ---------------------------------------------------------------- children */

static enum status child_answer(struct ctl *ctl, const struct config *settings, const char *user,
				child_work *work, const void *context, int out)
{
	struct db *db = NULL;
	CLEANUP(json_object_put) struct json_object *answer = NULL;
	enum status st = ctl_become(user);
	if (st == STATUS_OK)
		st = db_open(settings->database, "spgctl", &db);
	if (st == STATUS_OK)
		st = work(ctl, db, context, &answer);
	const char *text = answer ? json_text(ctl->arena, answer) : "";
	if (st == STATUS_OK && file_write_all(out, text, strlen(text)) != 0)
		st = STATUS_BROKEN;
	db_close(db);
	return st;
}

static enum status answer_read(struct ctl *ctl, int in, struct json_object **ret_answer)
{
	char *text = arena_alloc(ctl->arena, ANSWER_MAX);
	ssize_t length = file_read_all(in, text, ANSWER_MAX);
	if (length <= 0)
		return length == 0 ? STATUS_OK : STATUS_BROKEN;
	return json_parse(text, (size_t)length, JSON_DEPTH, ret_answer);
}

/* Have work done in a child that has become user. ret_answer NULL: none is wanted. */
static enum status as_user(struct ctl *ctl, const struct config *settings, const char *user,
			   child_work *work, const void *context, struct json_object **ret_answer)
{
	int ends[2], how = 0;
	struct json_object *answer = NULL;
	if (pipe(ends) != 0)
		return STATUS_BROKEN;
	CLEANUP(fd_close) int in = ends[0];
	pid_t child = fork();
	if (child < 0) {
		close(ends[1]);
		return STATUS_BROKEN;
	}
	if (child == 0) {
		close(ends[0]);
		_exit((int)child_answer(ctl, settings, user, work, context, ends[1]));
	}
	close(ends[1]);
	enum status st = answer_read(ctl, in, &answer);
	while (waitpid(child, &how, 0) < 0 && errno == EINTR)
		;
	if (st == STATUS_OK)
		st = WIFEXITED(how) ? (enum status)WEXITSTATUS(how) : STATUS_BROKEN;
	if (st == STATUS_OK && ret_answer)
		*ret_answer = TAKE_POINTER(answer);
	if (answer)
		json_object_put(answer);
	return st;
}

static enum status child_record(struct ctl *ctl, struct db *db, const void *context,
				struct json_object **ret_answer)
{
	(void)context;
	(void)ret_answer;
	return audit_write(db, ctl->arena, &ctl->event);
}

/* code: how far it has come. */
static enum status record(struct rotation *rotation, const char *code)
{
	struct ctl *ctl = rotation->ctl;
	ctl->event.code = code;
	enum status st = as_user(ctl, rotation->config, "spg_ctl", child_record, NULL, NULL);
	if (st != STATUS_OK)
		ctl_complain("stopped, as it cannot be recorded");
	return st;
}

static struct json_object *count_answer(const struct reseal_count *count)
{
	struct json_object *answer = json_object_new_object();
	json_add_int(answer, "boxes", count->boxes);
	json_add_int(answer, "opened", count->opened);
	json_add_int(answer, "key_unknown", count->unknown);
	json_add_int(answer, "unreadable", count->unreadable);
	json_add_int(answer, "resealed", count->resealed);
	return answer;
}

static enum status child_verify(struct ctl *ctl, struct db *db, const void *context,
				struct json_object **ret_answer)
{
	struct reseal_count count;
	(void)ctl;
	enum status st = reseal_verify(db, context, &count);
	if (st == STATUS_OK)
		*ret_answer = count_answer(&count);
	return st;
}

static enum status child_reseal(struct ctl *ctl, struct db *db, const void *context,
				struct json_object **ret_answer)
{
	struct reseal_count count;
	(void)ctl;
	enum status st = reseal_all(db, context, &count);
	if (st == STATUS_OK)
		*ret_answer = count_answer(&count);
	return st;
}

static enum status child_by_key(struct ctl *ctl, struct db *db, const void *context,
				struct json_object **ret_answer)
{
	(void)ctl;
	(void)context;
	return reseal_by_key(db, ret_answer);
}

/* ---------------------------------------------------------------- make */

static enum status keys_make(struct ctl *ctl)
{
	const char *public_path = NULL, *secret_path = NULL;
	const struct ctl_option options[] = { { "--public", &public_path },
					      { "--secret", &secret_path } };
	enum status st = ctl_arguments(ctl, options, ARRAY_SIZE(options), NULL, 0);
	if (st == STATUS_OK && (!public_path || !secret_path)) {
		ctl_complain("usage: spgctl keys make --public FILE --secret FILE, which must not "
			     "exist yet");
		st = STATUS_INVALID;
	}
	return st == STATUS_OK ? keyfile_make(ctl->arena, public_path, secret_path) : st;
}

/* ---------------------------------------------------------------- what all others begin with */

static enum status begin(struct ctl *ctl, struct rotation *ret_rotation, bool takes_now)
{
	struct rotation rotation = { .ctl = ctl, .config = &config };
	const char *secret_path = NULL;
	const struct ctl_option options[] = { { "--secret", &secret_path } };
	/* The one option without a value. */
	if (takes_now && ctl->argc > 0 && strcmp(ctl->argv[ctl->argc - 1], "--now") == 0) {
		rotation.now = true;
		ctl->argc--;
	}
	enum status st = ctl_arguments(ctl, options, ARRAY_SIZE(options), NULL, 0);
	if (st != STATUS_OK)
		return st;
	if (geteuid() != 0) {
		ctl_complain("only root may see the keys");
		return STATUS_DENIED;
	}
	st = config_load(config_path(), &config);
	if (st != STATUS_OK)
		return st;
	if (!secret_path)
		secret_path = config.token_secret_key_file;
	st = keyfile_read(ctl->arena, config.token_public_key_file, secret_path, &rotation.file);
	if (st != STATUS_OK)
		ctl_complain("name the file that systemd's LoadCredential= reads: --secret FILE");
	*ret_rotation = rotation;
	return st;
}

static enum status load(const struct rotation *rotation, struct secretbox_keys **ret_keys)
{
	return secretbox_load(rotation->file.public_path, rotation->file.secret_path, ret_keys);
}

/* ---------------------------------------------------------------- status and verify */

static struct json_object *key_line(struct json_object *items, const char *id)
{
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		struct json_object *item = json_object_array_get_idx(items, i);
		if (strcmp(json_string_or(item, "key_id", ""), id) == 0)
			return item;
	}
	struct json_object *item = json_object_new_object();
	json_add_string(item, "key_id", id);
	json_add_string(item, "key", "unknown");
	json_add_int(item, "access_tokens", 0);
	json_add_int(item, "refresh_tokens", 0);
	json_add_int(item, "upload_addresses", 0);
	json_array_push(items, item);
	return item;
}

static struct json_object *status_items(const struct rotation *rotation, const char *sealing,
					struct json_object *counts)
{
	struct json_object *items = json_object_new_array();
	for (size_t i = 0; i < rotation->file.count; i++) {
		const char *id = rotation->file.ids[i];
		json_add_string(key_line(items, id), "key",
				strcmp(id, sealing) == 0 ? "seals" : "opens");
	}
	for (size_t i = 0; i < json_object_array_length(counts); i++) {
		struct json_object *count = json_object_array_get_idx(counts, i);
		int64_t boxes = 0;
		if (json_get_int(count, "boxes", &boxes) == STATUS_OK)
			json_add_int(key_line(items, json_string_or(count, "key_id", "-")),
				     json_string_or(count, "kind", "-"), boxes);
	}
	return items;
}

static enum status keys_status(struct ctl *ctl)
{
	struct rotation rotation;
	struct secretbox_keys *keys;
	char sealing[SECRETBOX_KEY_ID_SIZE];
	CLEANUP(json_object_put) struct json_object *counts = NULL;
	enum status st = begin(ctl, &rotation, false);
	if (st == STATUS_OK)
		st = load(&rotation, &keys);
	if (st == STATUS_OK)
		st = record(&rotation, NULL);
	if (st == STATUS_OK)
		st = as_user(ctl, rotation.config, "spg_publisher", child_by_key, NULL, &counts);
	if (st != STATUS_OK)
		return st;
	secretbox_sealing_id(keys, sealing);
	ctl_items(ctl, status_items(&rotation, sealing, counts),
		  "key_id key access_tokens refresh_tokens upload_addresses");
	return STATUS_OK;
}

static enum status keys_verify(struct ctl *ctl)
{
	struct rotation rotation;
	struct secretbox_keys *keys;
	struct json_object *answer = NULL;
	int64_t boxes = 0, opened = 0;
	enum status st = begin(ctl, &rotation, false);
	if (st == STATUS_OK)
		st = load(&rotation, &keys);
	if (st == STATUS_OK)
		st = record(&rotation, NULL);
	if (st == STATUS_OK)
		st = as_user(ctl, rotation.config, "spg_publisher", child_verify, keys, &answer);
	if (st != STATUS_OK)
		return st;
	ctl_object(ctl, answer);
	json_object_object_del(answer, "resealed");
	ctl->failed = json_get_int(answer, "boxes", &boxes) != STATUS_OK ||
		      json_get_int(answer, "opened", &opened) != STATUS_OK || boxes != opened;
	return STATUS_OK;
}

/* ---------------------------------------------------------------- rotate */

/* Until so long after a file was written, which a run that was broken off may have done. */
static void wait_after(const struct rotation *rotation, time_t written, const char *why)
{
	time_t end = written + KNOWN_AFTER_S, now = time(NULL);
	/* A clock that went back must not make this longer. */
	if (end > now + KNOWN_AFTER_S)
		end = now + KNOWN_AFTER_S;
	if (rotation->now || now >= end)
		return;
	fprintf(stderr, "spgctl: waits %lld s, until %s\n", (long long)(end - now), why);
	for (; now < end; now = time(NULL))
		nanosleep(&(struct timespec){ .tv_nsec = 200 * 1000 * 1000 }, NULL);
}

/* The new key is in the ring, known, and seals. */
static enum status switch_keys(struct rotation *rotation)
{
	struct arena *arena = rotation->ctl->arena;
	struct keyfile *file = &rotation->file;
	enum status st = STATUS_OK;
	if (file->is_switched && file->count == 1)
		st = keyfile_add(arena, file);
	FAILPOINT("keys_added");
	if (st != STATUS_OK || file->is_switched)
		return st;
	wait_after(rotation, file->secret_changed, "every publisher knows the new key");
	st = keyfile_switch(arena, file);
	FAILPOINT("keys_switched");
	return st;
}

/* One pass over all boxes; what it did is added up. */
static enum status reseal(struct rotation *rotation, int64_t *resealed)
{
	struct secretbox_keys *keys;
	CLEANUP(json_object_put) struct json_object *answer = NULL;
	int64_t count = 0;
	enum status st = load(rotation, &keys);
	if (st == STATUS_OK)
		st = as_user(rotation->ctl, rotation->config, "spg_publisher", child_reseal, keys,
			     &answer);
	if (st == STATUS_OK)
		st = json_get_int(answer, "resealed", &count);
	*resealed += count;
	return st;
}

/* Boxes that only an old key of the ring opens. */
static enum status count_old(struct rotation *rotation, int64_t *ret_old)
{
	const struct keyfile *file = &rotation->file;
	CLEANUP(json_object_put) struct json_object *counts = NULL;
	enum status st = as_user(rotation->ctl, rotation->config, "spg_publisher", child_by_key,
				 NULL, &counts);
	if (st != STATUS_OK)
		return st;
	*ret_old = 0;
	for (size_t i = 0; i < json_object_array_length(counts); i++) {
		struct json_object *item = json_object_array_get_idx(counts, i);
		const char *id = json_string_or(item, "key_id", "");
		int64_t boxes = 0;
		st = json_get_int(item, "boxes", &boxes);
		for (size_t k = 0; k + 1 < file->count; k++)
			*ret_old += strcmp(file->ids[k], id) == 0 ? boxes : 0;
	}
	return st;
}

/* A program may have sealed with the old key just before the new one took over, and store it a moment later. */
static enum status reseal_until_none_is_left(struct rotation *rotation, int64_t *ret_resealed,
					     int64_t *ret_left)
{
	*ret_resealed = 0;
	enum status st = reseal(rotation, ret_resealed);
	FAILPOINT("keys_resealed");
	wait_after(rotation, rotation->file.public_changed, "all that was sealed before is stored");
	*ret_left = 1;
	for (int i = 0; i < RESEAL_PASSES && st == STATUS_OK && *ret_left > 0; i++) {
		st = reseal(rotation, ret_resealed);
		if (st == STATUS_OK)
			st = count_old(rotation, ret_left);
	}
	return st;
}

static enum status rotate(struct rotation *rotation)
{
	struct ctl *ctl = rotation->ctl;
	int64_t resealed = 0, left = 0;
	enum status st = switch_keys(rotation);
	if (st == STATUS_OK)
		st = reseal_until_none_is_left(rotation, &resealed, &left);
	if (st == STATUS_OK && left == 0 && rotation->file.count > 1)
		st = keyfile_drop_old(ctl->arena, &rotation->file);
	FAILPOINT("keys_dropped");
	if (st == STATUS_OK)
		st = record(rotation, left == 0 ? "done" : "old_key_in_use");
	if (st != STATUS_OK)
		return st;
	struct json_object *answer = json_object_new_object();
	ctl_object(ctl, answer);
	json_add_string(answer, "result", left == 0 ? "done" : "old_key_in_use");
	json_add_string(answer, "key_id", rotation->file.ids[rotation->file.count - 1]);
	json_add_int(answer, "resealed", resealed);
	json_add_int(answer, "left", left);
	ctl->failed = left > 0;
	if (left > 0)
		ctl_complain(
			"%lld boxes cannot be sealed anew, so the old key stays; see spgctl keys "
			"verify",
			(long long)left);
	return STATUS_OK;
}

static enum status keys_rotate(struct ctl *ctl)
{
	struct rotation rotation;
	struct secretbox_keys *keys;
	enum status st = begin(ctl, &rotation, true);
	if (st == STATUS_OK)
		st = keyfile_lock(ctl->arena, rotation.file.secret_path);
	/* Another may have ended just now; and files that do not belong together are not touched. */
	if (st == STATUS_OK)
		st = keyfile_read(ctl->arena, rotation.file.public_path, rotation.file.secret_path,
				  &rotation.file);
	if (st == STATUS_OK)
		st = load(&rotation, &keys);
	bool is_new = st == STATUS_OK && rotation.file.count == 1;
	if (st == STATUS_OK)
		st = record(&rotation, is_new ? "begun" : "resumed");
	return st == STATUS_OK ? rotate(&rotation) : st;
}

static const struct ctl_command commands[] = {
	{ "make", "--public FILE --secret FILE",
	  "make the keys that seal tokens, once; files must not exist", keys_make,
	  .own_rights = true },
	{ "rotate", "[--secret FILE] [--now]",
	  "replace the keys; a rotation that was broken off goes on", keys_rotate,
	  .own_rights = true },
	{ "status", "[--secret FILE]", "which key has sealed how much", keys_status,
	  .own_rights = true },
	{ "verify", "[--secret FILE]", "open everything that is sealed, show nothing of it",
	  keys_verify, .own_rights = true },
};
const struct ctl_group ctl_keys = { "keys", commands, ARRAY_SIZE(commands) };
