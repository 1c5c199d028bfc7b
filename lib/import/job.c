/* Downloads. */
#include "import/job.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/words.h"
#include "import/source_name.h"
#include "remote/fetch.h"
#include "store/import.h"

enum {
	TICK_SECONDS = 1,
	EXTEND_SECONDS = 300,
	/* The database was away for so long that another importer may be about to take over. */
	SILENCE_SECONDS = JOB_LEASE_SECONDS - 20,
	BUSY_SECONDS = 30, /* another process still has the part */
	STRAYS_AT_ONCE = 100,
};

struct job {
	const struct intake_place *place;
	struct arena arena;
	struct import_claim claim;
	struct fetch *fetch; /* NULL: not under way */
	struct intake intake;
	bool has_intake;
	int64_t total;	       /* bytes; -1: not known */
	const char *validator; /* of what is being received */
	const char *code; /* why a callback wanted no more: of base/words.h, NULL: it did not */
	bool over;
	time_t ticked_at, heard_at, extended_at;
};

/* What a user reads: the cause and what helps. */
static const char *message_of(struct arena *arena, const char *code)
{
	const struct words *words = words_find(code);
	return arena_printf(arena, "%s %s", words->cause.en, words->next.en);
}

/* The claim is ours no more, or was given up: nothing of it is to be touched. */
static void leave(struct job *job)
{
	if (job->fetch)
		fetch_cancel(job->fetch);
	job->fetch = NULL;
	part_close(&job->intake.part);
	job->has_intake = false;
	job->over = true;
}

static void discard_upload(struct job *job)
{
	const char *id = job->has_intake ? job->intake.id : job->claim.upload_id;
	if (!id)
		return;
	/* What stays behind is found as a stray. */
	enum status st = intake_discard(job->place, id);
	if (st != STATUS_OK)
		log_warn("import_upload_stays import=%" PRId64 " status=%s", job->claim.id,
			 status_name(st));
}

/* A write has said that the claim is over. */
static void note_lost(struct job *job, enum status st)
{
	if (st == STATUS_NOT_FOUND)
		log_info("import_cancelled import=%" PRId64, job->claim.id);
	else
		log_warn("import_not_noted import=%" PRId64 " status=%s", job->claim.id,
			 status_name(st));
	leave(job);
}

static void end_failed(struct job *job, const char *code)
{
	enum status st = import_fail(job->place->db, &job->arena, &job->claim, code,
				     message_of(&job->arena, code));
	FAILPOINT("import_after_fail");
	if (st != STATUS_OK) {
		note_lost(job, st);
		return;
	}
	log_info("import_failed import=%" PRId64 " user=%" PRId64 " code=%s attempt=%d",
		 job->claim.id, job->claim.user_id, code, job->claim.attempt);
	discard_upload(job);
	leave(job);
}

static void end_done(struct job *job, int64_t bytes)
{
	enum status st = import_done(job->place->db, &job->arena, &job->claim, bytes);
	if (st != STATUS_OK) {
		note_lost(job, st);
		return;
	}
	log_info("import_done import=%" PRId64 " user=%" PRId64 " bytes=%" PRId64 " attempt=%d",
		 job->claim.id, job->claim.user_id, bytes, job->claim.attempt);
	leave(job);
}

/* Seconds until the next attempt: 5, 20, 80, 320. */
static int64_t backoff(int attempt)
{
	return INT64_C(5) << 2 * (attempt < 4 ? attempt - 1 : 3);
}

/* STATUS_OK: the bytes so far are safe and noted. */
static enum status note_progress(struct job *job)
{
	if (!job->has_intake)
		return import_progress(job->place->db, &job->arena, &job->claim,
				       job->claim.received, job->total, job->claim.validator,
				       JOB_LEASE_SECONDS);
	enum status st = part_sync(&job->intake.part);
	if (st == STATUS_OK)
		st = import_progress(job->place->db, &job->arena, &job->claim,
				     job->intake.part.synced, job->total, job->validator,
				     JOB_LEASE_SECONDS);
	FAILPOINT("import_progress");
	return st;
}

static void end_for_now(struct job *job, const char *code, int64_t seconds, bool uncount)
{
	const char *message = code ? message_of(&job->arena, code) : NULL;
	enum status st = note_progress(job);
	if (st == STATUS_OK)
		st = import_wait(job->place->db, &job->arena, &job->claim, seconds, uncount, code,
				 message);
	if (st != STATUS_OK) {
		note_lost(job, st);
		return;
	}
	log_info("import_waits import=%" PRId64 " code=%s attempt=%d seconds=%" PRId64,
		 job->claim.id, code ? code : "-", job->claim.attempt, seconds);
	leave(job);
}

static void end_broken(struct job *job, const char *code)
{
	if (job->claim.attempt >= JOB_ATTEMPTS_MAX)
		end_failed(job, code);
	else
		end_for_now(job, code, backoff(job->claim.attempt), false);
}

static bool stop_with(struct job *job, const char *code)
{
	job->code = code;
	return false;
}

/* A page, by how it begins: the type that a server tells is often wrong for videos, not for pages. */
static bool is_page(const struct fetch_head *head, const char *bytes, size_t size)
{
	static const char *const starts[] = { "<!doctype html", "<html" };
	size_t at = 0;
	while (at < size && strchr(" \t\r\n\xef\xbb\xbf", bytes[at]) && bytes[at])
		at++;
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		if (size - at >= strlen(starts[i]) &&
		    strncasecmp(bytes + at, starts[i], strlen(starts[i])) == 0)
			return true;
	}
	return head->type && at < size && bytes[at] == '<' &&
	       (strncasecmp(head->type, "text/html", 9) == 0 ||
		strncasecmp(head->type, "application/xhtml", 17) == 0);
}

/* A new upload, noted in the import together with its making. */
static bool upload_begin(struct job *job, const struct fetch_head *head)
{
	const struct intake_new fresh = {
		.user_id = job->claim.user_id,
		.length = head->total,
		.name = source_name(&job->arena, head->disposition, head->url),
		.source = "url",
	};
	const char *code;
	enum status st = intake_begin(job->place, &job->arena, &fresh, &job->intake, &code);
	if (st == STATUS_REFUSED)
		return stop_with(job, code);
	if (st == STATUS_OK) {
		st = import_attach(job->place->db, &job->arena, &job->claim, job->intake.id,
				   fresh.name, head->total);
		if (st == STATUS_OK)
			st = intake_commit(job->place, &job->intake);
		else
			intake_abort(job->place, &job->intake);
	}
	job->has_intake = st == STATUS_OK;
	if (st == STATUS_OK)
		return true;
	if (st != STATUS_NOT_FOUND)
		return stop_with(job, "import_interrupted");
	/* Cancelled, or the user is gone. */
	job->over = true;
	return false;
}

/* All of the file comes: what an earlier attempt has left goes, its upload too if it does not fit. */
static bool begin_anew(struct job *job, const struct fetch_head *head)
{
	if (job->has_intake) {
		if (job->total == head->total)
			return part_cut(&job->intake.part, 0) == STATUS_OK ||
			       stop_with(job, "import_interrupted");
		discard_upload(job);
		part_close(&job->intake.part);
		job->has_intake = false;
	}
	return upload_begin(job, head);
}

static bool on_begin(void *context, const struct fetch_head *head, const char *bytes, size_t size)
{
	struct job *job = context;
	if (head->total > INTAKE_MAX_BYTES)
		return stop_with(job, "import_too_large");
	if (head->range == FETCH_RANGE_REST && head->total >= 0 && job->total >= 0 &&
	    head->total != job->total) {
		/* Another file by the same name: the next attempt asks for all of it. */
		job->validator = job->claim.validator = NULL;
		return stop_with(job, "import_broke_off");
	}
	if (head->range == FETCH_RANGE_ALL) {
		if (is_page(head, bytes, size))
			return stop_with(job, "import_web_page");
		if (!begin_anew(job, head))
			return false;
	}
	if (head->total >= 0)
		job->total = head->total;
	else if (head->range == FETCH_RANGE_ALL)
		job->total = -1;
	job->validator = arena_strdup(&job->arena, head->validator);
	if (!*job->validator)
		job->validator = head->range == FETCH_RANGE_REST ? job->claim.validator : NULL;
	FAILPOINT("import_begun");
	return true;
}

static bool on_take(void *context, const char *bytes, size_t size)
{
	struct job *job = context;
	if (job->intake.part.length + (int64_t)size > job->intake.sidecar.length)
		return stop_with(job, job->intake.sidecar.length < INTAKE_MAX_BYTES
					      ? "import_limit_bytes"
					      : "import_too_large");
	enum status st = part_append(&job->intake.part, bytes, size);
	if (st == STATUS_OK)
		return true;
	return stop_with(job, st == STATUS_REFUSED ? "import_disk_full" : "import_interrupted");
}

static const char *code_of_status(long status)
{
	if (status == 404 || status == 410)
		return "import_not_found";
	if (status == 401 || status == 402 || status == 403 || status == 407 || status == 451)
		return "import_denied";
	return "import_http_error";
}

static void complete(struct job *job)
{
	if (!job->has_intake || job->intake.part.length == 0) {
		end_failed(job, "import_empty");
		return;
	}
	if (job->total >= 0 && job->intake.part.length != job->total) {
		end_broken(job, "import_broke_off");
		return;
	}
	int64_t bytes = job->intake.part.length;
	enum status st = intake_complete(job->place, &job->arena, &job->intake);
	FAILPOINT("import_before_done");
	if (st == STATUS_OK)
		end_done(job, bytes);
	else if (st == STATUS_REFUSED)
		end_broken(job, "import_disk_full");
	else
		note_lost(job, st);
}

/* Of those that a later attempt may mend. */
static bool may_pass(const char *code)
{
	static const char *const codes[] = { "import_interrupted", "import_disk_full",
					     "import_broke_off" };
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		if (strcmp(code, codes[i]) == 0)
			return true;
	}
	return false;
}

static void on_end(void *context, enum fetch_end end, long status)
{
	struct job *job = context;
	job->fetch = NULL;
	switch (end) {
	case FETCH_DONE:
		complete(job);
		return;
	case FETCH_STOPPED:
		if (!job->code)
			note_lost(job, STATUS_NOT_FOUND);
		else if (may_pass(job->code))
			end_broken(job, job->code);
		else
			end_failed(job, job->code);
		return;
	case FETCH_ADDRESS:
		end_failed(job, "import_address");
		return;
	case FETCH_NOT_PUBLIC:
		end_failed(job, "import_not_public");
		return;
	case FETCH_TLS:
		end_failed(job, "import_tls");
		return;
	case FETCH_REDIRECTS:
		end_failed(job, "import_redirects");
		return;
	case FETCH_STATUS:
		if (status == 408 || status == 429 || status >= 500)
			end_broken(job, "import_server_error");
		else
			end_failed(job, code_of_status(status));
		return;
	case FETCH_USELESS:
		/* The next attempt asks for all of it. */
		job->validator = job->claim.validator = NULL;
		end_broken(job, "import_broke_off");
		return;
	case FETCH_ENCODED:
		end_failed(job, "import_encoded");
		return;
	case FETCH_MALFORMED:
		end_failed(job, "import_malformed");
		return;
	case FETCH_SLOW:
		end_broken(job, "import_too_slow");
		return;
	case FETCH_TIMEOUT:
		end_failed(job, "import_timeout");
		return;
	case FETCH_UNREACHABLE:
		end_broken(job, "import_unreachable");
		return;
	case FETCH_BROKEN:
		end_broken(job, "import_broke_off");
		return;
	}
}

/* Where to go on: what is safe of a file that its server can name. */
static enum status prepare(struct job *job, int64_t *ret_offset, bool *ret_complete)
{
	*ret_offset = 0;
	*ret_complete = false;
	if (!job->claim.upload_id)
		return STATUS_OK;
	enum status st = intake_resume(job->place, &job->arena, job->claim.upload_id, &job->intake,
				       ret_complete);
	if (st == STATUS_NOT_FOUND) {
		discard_upload(job);
		job->claim.upload_id = NULL;
		return STATUS_OK;
	}
	if (st != STATUS_OK || *ret_complete)
		return st;
	job->has_intake = true;
	job->total = job->claim.total;
	int64_t keep = job->claim.validator ? job->claim.received : 0;
	st = part_cut(&job->intake.part, keep);
	*ret_offset = job->intake.part.length;
	job->validator = job->claim.validator;
	return st;
}

static void start(struct job *job, struct fetcher *fetcher)
{
	static const struct fetch_callbacks callbacks = { on_begin, on_take, on_end };
	int64_t offset;
	bool done = job->claim.video_id != 0;
	if (!job->place->config->import_from_url) {
		end_failed(job, "import_off");
		return;
	}
	enum status st = done ? STATUS_OK : prepare(job, &offset, &done);
	if (st == STATUS_OK && done)
		end_done(job, job->intake.part.fd >= 0 ? job->intake.part.length : -1);
	else if (st == STATUS_CONFLICT)
		end_for_now(job, NULL, BUSY_SECONDS, true);
	else if (st != STATUS_OK || job->claim.attempt > JOB_ATTEMPTS_MAX)
		end_broken(job, "import_interrupted");
	else
		job->fetch = fetch_start(fetcher,
					 &(struct fetch_request){ .url = job->claim.address,
								  .offset = offset,
								  .validator = job->validator },
					 &callbacks, job);
}

enum status job_claim(const struct intake_place *place, struct fetcher *fetcher, int at_once,
		      int of_user, struct job **ret_job)
{
	struct job *job = calloc(1, sizeof(*job));
	if (!job)
		log_die("out_of_memory");
	*job = (struct job){ .place = place, .intake = INTAKE_INIT, .total = -1 };
	enum status st = import_claim(place->db, &job->arena, JOB_LEASE_SECONDS, at_once, of_user,
				      &job->claim);
	if (st != STATUS_OK) {
		job_close(job);
		return st;
	}
	FAILPOINT("import_claimed");
	job->ticked_at = job->heard_at = job->extended_at = clock_now_s();
	start(job, fetcher);
	*ret_job = job;
	return STATUS_OK;
}

bool job_is_over(const struct job *job)
{
	return job->over;
}

static void extend(struct job *job, time_t now)
{
	if (!job->has_intake || now - job->extended_at < EXTEND_SECONDS)
		return;
	enum status st = intake_extend(job->place, &job->arena, job->intake.id);
	if (st != STATUS_OK)
		log_warn("import_not_extended import=%" PRId64 " status=%s", job->claim.id,
			 status_name(st));
	job->extended_at = now;
}

void job_tick(struct job *job)
{
	time_t now = clock_now_s();
	if (job->over || now - job->ticked_at < TICK_SECONDS)
		return;
	job->ticked_at = now;
	enum status st = note_progress(job);
	if (st == STATUS_OK) {
		job->heard_at = now;
		extend(job, now);
	} else if (st == STATUS_NOT_FOUND) {
		/* Its upload is a stray now, or another importer's. */
		note_lost(job, st);
	} else if (now - job->heard_at >= SILENCE_SECONDS || st == STATUS_REFUSED) {
		note_lost(job, st);
	}
}

void job_release(struct job *job)
{
	if (job->over)
		return;
	if (job->fetch)
		fetch_cancel(job->fetch);
	job->fetch = NULL;
	end_for_now(job, NULL, 0, true);
}

void job_close(struct job *job)
{
	if (job->fetch)
		fetch_cancel(job->fetch);
	part_close(&job->intake.part);
	arena_reset(&job->arena);
	free(job);
}

enum status job_remove_strays(const struct intake_place *place)
{
	CLEANUP(arena) struct arena arena = { 0 };
	const char **ids;
	size_t count;
	enum status st = import_strays(place->db, &arena, STRAYS_AT_ONCE, &ids, &count);
	for (size_t i = 0; st == STATUS_OK && i < count; i++) {
		st = intake_discard(place, ids[i]);
		log_info("import_stray_removed upload=%.6s status=%s", ids[i], status_name(st));
	}
	return st;
}
