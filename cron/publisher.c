/*
 * The publisher, started by cron each minute: drains the schedule queue, follows posts to the end,
 * refreshes tokens. `publisher` stays for its minute; `publisher --once` drains what is due now.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/file.h"
#include "base/log.h"
#include "base/process.h"
#include "base/secretbox.h"
#include "base/token.h"
#include "publish/engine.h"
#include "remote/http.h"
#include "remote/tiktok.h"
#include "store/db.h"

enum { UPLOAD_BUFFER_MAX = 512 * 1024 };

static volatile bool stop;

static void on_stop(int signal_number)
{
	(void)signal_number;
	stop = true;
}

static int open_videos(const struct config *config)
{
	struct arena arena = { 0 };
	const char *path = arena_printf(&arena, "%s/videos", config->media_dir);
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		log_error("media_unreadable directory=%s error=%s", path, strerror(errno));
	arena_reset(&arena);
	return fd;
}

static struct config config; /* as long as the process, as its strings */

/* What all uploads together may hold: 16 MiB, however many there may be at once. */
static int upload_buffer(void)
{
	int64_t bytes = INT64_C(16) * 1024 * 1024 / config.publisher_transfers;
	return (int)(bytes > UPLOAD_BUFFER_MAX ? UPLOAD_BUFFER_MAX : bytes);
}

static int run(bool once)
{
	struct tiktok tiktok = { .config = &config };
	struct secretbox_keys *keys = NULL;
	struct db *db = NULL;
	token_init();
	if (config_load(config_path(), &config) != STATUS_OK ||
	    secret_load(config.tiktok_client_secret_file, &tiktok.client_secret) != STATUS_OK ||
	    secretbox_load(config.token_public_key_file, config.token_secret_key_file, &keys) !=
		    STATUS_OK)
		return 1;
	CLEANUP(fd_close) int videos = open_videos(&config);
	if (videos < 0 || db_open(config.database, "publisher", &db) != STATUS_OK)
		return 1;
	struct engine engine = {
		.config = &config,
		.tokens = { .db = db,
			    .http = http_open((int)config.publisher_transfers + 8, upload_buffer()),
			    .tiktok = &tiktok,
			    .keys = keys },
		.media_dir = videos,
		.once = once,
		.stop = &stop,
	};
	enum status st = engine_run(&engine);
	http_close(engine.tokens.http);
	db_close(db);
	return st == STATUS_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
	log_open("publisher");
	bool once = argc == 2 && strcmp(argv[1], "--once") == 0;
	bool check = argc == 2 && strcmp(argv[1], "--check") == 0;
	if (argc > 1 && !once && !check) {
		log_error("usage: publisher [--once | --check]");
		return 2;
	}
	if (check)
		return config_load(config_path(), &config) == STATUS_OK ? 0 : 1;
	process_hide();
	process_on_stop(on_stop);
	return run(once);
}
