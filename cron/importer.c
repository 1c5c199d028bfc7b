/*
 * The importer, started by cron each minute: fetches the videos that users have asked for by address.
 * It has a network and no secrets, and sees neither people nor posts. `importer` takes downloads for
 * its minute and ends when they have; `importer --once` drains what is due now.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/process.h"
#include "base/token.h"
#include "import/job.h"
#include "media/part.h"
#include "remote/fetch.h"
#include "store/db.h"

enum {
	MINUTE_SECONDS = 62, /* the next importer is there before this one stops */
	JOBS_MAX = 4,	     /* of this process */
	AT_ONCE = 8,	     /* of all importers */
	OF_USER = 2,
	LOOK_SECONDS = 1,
	ROUND_MS = 200,
};

struct importer {
	struct config config;
	struct part_store store;
	struct intake_place place;
	struct fetch_rules rules;
	struct fetcher *fetcher;
	struct job *jobs[JOBS_MAX];
	size_t count;
	bool once, drained;
	time_t ends_at, looked_at;
};

static volatile sig_atomic_t stopping;

static void on_stop(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

static void close_ended(struct importer *importer)
{
	for (size_t i = 0; i < importer->count;) {
		if (!job_is_over(importer->jobs[i])) {
			i++;
			continue;
		}
		job_close(importer->jobs[i]);
		importer->jobs[i] = importer->jobs[--importer->count];
		importer->drained = false;
	}
}

static bool takes_more(const struct importer *importer)
{
	return !stopping && importer->count < JOBS_MAX &&
	       (importer->once || clock_now_s() < importer->ends_at);
}

/* STATUS_OK, also when there is nothing to do. */
static enum status look_for_work(struct importer *importer)
{
	time_t now = clock_now_s();
	enum status st = STATUS_OK;
	if (!takes_more(importer) ||
	    (importer->drained && now - importer->looked_at < LOOK_SECONDS))
		return STATUS_OK;
	importer->looked_at = now;
	st = job_remove_strays(&importer->place);
	importer->drained = true;
	while (st == STATUS_OK && takes_more(importer)) {
		st = job_claim(&importer->place, importer->fetcher, AT_ONCE, OF_USER,
			       &importer->jobs[importer->count]);
		if (st == STATUS_OK) {
			importer->count++;
			close_ended(importer);
			importer->drained = true;
		}
	}
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

static bool goes_on(const struct importer *importer)
{
	if (stopping)
		return false;
	if (importer->count > 0)
		return true;
	return importer->once ? !importer->drained : clock_now_s() < importer->ends_at;
}

/* The database may be away for a while: downloads that run hold out for as long as their lease. */
static enum status run(struct importer *importer)
{
	enum status st = STATUS_OK;
	while (goes_on(importer)) {
		st = look_for_work(importer);
		if (st != STATUS_OK && importer->count == 0)
			break;
		fetcher_run(importer->fetcher, ROUND_MS);
		for (size_t i = 0; i < importer->count; i++)
			job_tick(importer->jobs[i]);
		close_ended(importer);
	}
	for (size_t i = 0; i < importer->count; i++)
		job_release(importer->jobs[i]);
	close_ended(importer);
	return st;
}

static enum status open_all(struct importer *importer)
{
	const struct config *config = &importer->config;
	enum status st = config_load(config_path(), &importer->config);
	if (st == STATUS_OK)
		st = part_store_open(config->media_dir, &importer->store);
	if (st == STATUS_OK)
		st = db_open(config->database, "importer", &importer->place.db);
	if (st != STATUS_OK)
		return st;
	importer->place.config = config;
	importer->place.store = &importer->store;
	importer->rules = (struct fetch_rules){
		.test_origin = config->import_test_origin,
		.seconds = config->import_minutes * 60,
		.slow_seconds = config->upload_idle_seconds,
	};
	importer->fetcher = fetcher_open(&importer->rules);
	importer->ends_at = clock_now_s() + MINUTE_SECONDS;
	return STATUS_OK;
}

int main(int argc, char **argv)
{
	/* Lives as long as the process, as its configuration does. */
	static struct importer importer;
	log_open("importer");
	importer.once = argc == 2 && strcmp(argv[1], "--once") == 0;
	if (argc > 1 && !importer.once) {
		log_error("usage: importer [--once]");
		return 2;
	}
	token_init();
	process_hide();
	process_on_stop(on_stop);
	if (open_all(&importer) != STATUS_OK)
		return 1;
	enum status st = run(&importer);
	fetcher_close(importer.fetcher);
	db_close(importer.place.db);
	return st == STATUS_OK ? 0 : 1;
}
