/* Breakers, as this publisher sees them. */
#include "publish/outage.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/log.h"
#include "base/token.h"
#include "base/words.h"
#include "publish/engine.h"
#include "remote/http.h"
#include "store/breaker.h"
#include "store/queue.h"

enum {
	HOSTS_MAX = 8,
	HOST_BYTES = 256,
	/* After an outage: so many posts at first, doubled every few seconds. */
	RAMP_FIRST = 4,
	RAMP_DOUBLE_S = 5,
};

struct host {
	char name[HOST_BYTES];
	struct breaker_state state;
	/* heard and not told yet */
	int64_t failures, account_id;
	bool answered;
};

struct outage {
	struct host hosts[HOSTS_MAX]; /* the first is the API's */
	size_t count;
};

struct outage *outage_new(const char *api_url)
{
	struct outage *outage = calloc(1, sizeof(*outage));
	struct arena arena = { 0 };
	const char *scheme, *host = "";
	if (!outage)
		log_die("out_of_memory");
	if (http_url_split(&arena, api_url, &scheme, &host) != STATUS_OK ||
	    strlen(host) >= HOST_BYTES)
		log_die("api_host_unusable");
	strncpy(outage->hosts[0].name, host, HOST_BYTES - 1);
	outage->hosts[0].state.closed_s = -1;
	outage->count = 1;
	arena_reset(&arena);
	return outage;
}

void outage_free(struct outage *outage)
{
	free(outage);
}

const char *outage_api_host(const struct outage *outage)
{
	return outage->hosts[0].name;
}

/* NULL when there are more hosts than TikTok has: they go without a breaker. */
static struct host *host_find(struct outage *outage, const char *name)
{
	for (size_t i = 0; i < outage->count; i++) {
		if (strcmp(outage->hosts[i].name, name) == 0)
			return &outage->hosts[i];
	}
	if (outage->count == HOSTS_MAX || strlen(name) >= HOST_BYTES)
		return NULL;
	struct host *host = &outage->hosts[outage->count++];
	strncpy(host->name, name, HOST_BYTES - 1);
	host->state.closed_s = -1;
	return host;
}

void outage_hear(struct outage *outage, const char *name, int64_t account_id, bool answered)
{
	struct host *host = host_find(outage, name);
	if (!host)
		return;
	if (answered) {
		host->failures = 0;
		host->answered = true;
	} else {
		host->failures++;
		host->account_id = account_id;
	}
}

/* A minute, and up to a second one, so that machines do not try together. */
static int64_t probe_pause(const struct engine *engine)
{
	int64_t seconds = engine->config->publisher_probe_seconds;
	return seconds + (int64_t)token_random_u32() % (seconds + 1);
}

static void tell_failures(struct host *host, struct engine *engine)
{
	bool open = false;
	enum status st = breaker_fail(engine->tokens.db, &engine->scratch, host->name,
				      host->failures, host->account_id, probe_pause(engine), &open);
	if (st != STATUS_OK)
		return;
	host->failures = 0;
	if (open && !host->state.is_open)
		log_warn("breaker_open host=%s", host->name);
	host->state.is_open = open;
	host->state.failures = 1;
}

static void tell_answer(struct host *host, struct engine *engine)
{
	enum status st = breaker_answer(engine->tokens.db, host->name);
	if (st != STATUS_OK && st != STATUS_NOT_FOUND)
		return;
	if (host->state.is_open)
		log_info("breaker_closed host=%s", host->name);
	host->state.failures = 0;
	host->state.is_open = false;
}

void outage_tell(struct outage *outage, struct engine *engine)
{
	for (size_t i = 0; i < outage->count; i++) {
		struct host *host = &outage->hosts[i];
		/* The last word counts: failures come after the answer that they are counted from. */
		if (host->answered && host->state.failures > 0)
			tell_answer(host, engine);
		host->answered = false;
		if (host->failures > 0)
			tell_failures(host, engine);
	}
}

/* Told once, however many publishers look. */
static void tell_users(struct engine *engine)
{
	const struct words *words = words_find("tiktok_down");
	enum status st = queue_wait_out(
		engine->tokens.db, &(struct queue_words){ words->code, words->cause.en,
							  words->remedy_code, words->next.en });
	if (st != STATUS_OK && st != STATUS_NOT_FOUND)
		log_warn("waiting_posts_not_told status=%s", status_name(st));
}

void outage_read(struct outage *outage, struct engine *engine)
{
	for (size_t i = 0; i < outage->count; i++) {
		struct host *host = &outage->hosts[i];
		struct breaker_state state;
		if (breaker_read(engine->tokens.db, host->name, &state) == STATUS_OK)
			host->state = state;
	}
	if (outage_is_open(outage))
		tell_users(engine);
}

bool outage_is_open(const struct outage *outage)
{
	for (size_t i = 0; i < outage->count; i++) {
		if (outage->hosts[i].state.is_open)
			return true;
	}
	return false;
}

bool outage_may_try(struct outage *outage, struct engine *engine, bool *ret_upload)
{
	for (size_t i = 0; i < outage->count; i++) {
		struct host *host = &outage->hosts[i];
		if (!host->state.is_open || !host->state.may_probe)
			continue;
		host->state.may_probe = false;
		*ret_upload = i > 0;
		if (breaker_probe(engine->tokens.db, &engine->scratch, host->name,
				  probe_pause(engine)) == STATUS_OK)
			return true;
	}
	return false;
}

int64_t outage_room(const struct outage *outage, int64_t max)
{
	int64_t room = max;
	for (size_t i = 0; i < outage->count; i++) {
		int64_t closed_s = outage->hosts[i].state.closed_s;
		int64_t doublings = closed_s / RAMP_DOUBLE_S;
		if (closed_s >= 0 && doublings < 10 && (RAMP_FIRST << doublings) < room)
			room = RAMP_FIRST << doublings;
	}
	return room;
}
