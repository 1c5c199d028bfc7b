/*
 * GET /pull/{word}: TikTok fetches a video (pull mode; design 5, rule 4). The word is the key; it is
 * asked here whether it opens, nginx sends the file. Every refusal is the same 404.
 */
#include <poll.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/token.h"
#include "media/video.h"
#include "store/pull.h"
#include "web/serve.h"

/*
 * How long a request waits for the record of its attempt, or for the database: nobody knows whether
 * TikTok asks a second time. It holds one of the program's processes meanwhile.
 */
enum { WAIT_MS = 5000, RECORD_PAUSE_MS = 100, DATABASE_PAUSE_MS = 1000 };

/* False when the client has hung up meanwhile. */
static bool pause_for_client(const struct request *req, int pause_ms)
{
	struct pollfd client = { .fd = request_descriptor(req), .events = POLLRDHUP };
	return poll(&client, 1, pause_ms) == 0;
}

static enum status find(struct request *req, struct pull *ret_pull)
{
	struct db *db;
	enum status st = request_db(req, &db);
	return st == STATUS_OK ? pull_find(db, req->arena, req->id, ret_pull) : st;
}

/* TikTok may come before its answer to init is committed here. */
static enum status find_recorded(struct request *req, struct pull *ret_pull)
{
	int64_t until = clock_now_ms() + WAIT_MS;
	for (;;) {
		struct pull pull;
		enum status st = find(req, &pull);
		if (st == STATUS_OK && pull.recorded) {
			*ret_pull = pull;
			return STATUS_OK;
		}
		if (st != STATUS_OK && st != STATUS_RETRY)
			return st;
		if (clock_now_ms() >= until ||
		    !pause_for_client(req, st == STATUS_OK ? RECORD_PAUSE_MS : DATABASE_PAUSE_MS))
			return st == STATUS_OK ? STATUS_NOT_FOUND : st;
	}
}

static enum status send_video(struct request *req, struct response *res)
{
	struct pull pull;
	if (!token_is_word(req->id))
		return STATUS_NOT_FOUND;
	enum status st = find_recorded(req, &pull);
	if (st != STATUS_OK)
		return st;
	const char *type = video_content_type(pull.container);
	if (!type)
		return STATUS_NOT_FOUND;
	return response_file(res,
			     &(struct response_file){
				     .address = arena_printf(req->arena, "/_pull/%s", pull.file),
				     .content_type = type,
				     .disposition = "attachment",
				     .cache_control = "no-store" });
}

static const struct route routes[] = {
	{ "GET", "/pull/{id}", send_video, ROUTE_OPEN },
};

int main(void)
{
	return serve(&(struct service){
		.name = "pull", .routes = routes, .route_count = ARRAY_SIZE(routes) });
}
