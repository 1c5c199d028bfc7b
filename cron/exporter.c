/*
 * The exporter, started by cron each minute: makes the archives that users have asked for and removes those whose time
 * is over. It goes behind everything else: at the lowest priority for processor and disk, so that no post is late for
 * it. `exporter` looks for work during its minute and ends when what it has taken is done; `exporter --once` does what
 * is there now.
 */
#include <linux/ioprio.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/process.h"
#include "base/token.h"
#include "export/place.h"
#include "export/task.h"

enum {
	MINUTE_SECONDS = 62, /* the next exporter is there before this one stops */
	LOOK_MS = 1000,
	LOWEST_PRIORITY = 19,
};

static volatile sig_atomic_t stopping;

static void on_stop(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

/* A service manager may forbid it, and then has said itself who goes first. */
static void go_behind(void)
{
	(void)setpriority(PRIO_PROCESS, 0, LOWEST_PRIORITY);
	(void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
		      IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
}

static enum status run(const struct export_place *place, bool once)
{
	int64_t ends_at = clock_now_s() + MINUTE_SECONDS;
	enum status st = export_place_sweep(place);
	while (st == STATUS_OK && !stopping) {
		st = export_task_run(place);
		if (st == STATUS_OK) {
			st = export_place_sweep(place);
			continue;
		}
		if (st != STATUS_NOT_FOUND)
			break;
		st = STATUS_OK;
		if (once || clock_now_s() >= ends_at)
			break;
		/* A signal ends it at once. */
		poll(NULL, 0, LOOK_MS);
	}
	return st;
}

int main(int argc, char **argv)
{
	log_open("exporter");
	bool once = argc == 2 && strcmp(argv[1], "--once") == 0;
	if (argc > 1 && !once) {
		log_error("usage: exporter [--once]");
		return 2;
	}
	token_init();
	/* Names in archives are UTF-8. */
	setlocale(LC_CTYPE, "C.UTF-8");
	process_hide();
	go_behind();
	process_on_stop(on_stop);

	/* Lives as long as the process, as its configuration does. */
	static struct config config;
	struct export_place place = {
		.config = &config, .stopping = &stopping, .exports = -1, .videos = -1
	};
	enum status st = config_load(config_path(), &config);
	if (st == STATUS_OK)
		st = export_place_open(&place);
	if (st == STATUS_OK)
		st = run(&place, once);
	export_place_close(&place);
	return st == STATUS_OK ? 0 : 1;
}
