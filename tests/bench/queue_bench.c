/*
 * The schedule queue alone, as the publisher calls it and with the publisher's role.
 *
 * queue_bench drain          says "ready", waits for a line, then claims and finishes all posts that are due;
 *                            writes "COUNT SECONDS"
 * queue_bench claim ROUNDS   takes everything that is due and gives it back, ROUNDS times; writes
 *                            "COUNT MILLISECONDS" of each take
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/log.h"
#include "base/number.h"
#include "store/db.h"
#include "store/queue.h"

enum { CLAIMS_MAX = 1000 };

static double now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void must(enum status st, const char *what)
{
	if (st != STATUS_OK)
		log_die("%s status=%s", what, status_name(st));
}

/* Up to CLAIMS_MAX posts that are due now; how many. */
static size_t take(struct db *db, struct arena *arena, struct queue_claim *ret_claims)
{
	size_t count = 0;
	enum status st = STATUS_OK;
	while (count < CLAIMS_MAX && st == STATUS_OK) {
		st = queue_claim_due(db, arena, /* horizon_seconds= */ 0, &ret_claims[count]);
		if (st == STATUS_OK)
			count++;
	}
	if (st != STATUS_NOT_FOUND)
		must(st, "claim");
	return count;
}

/* An empty job: nothing is asked or sent, the post has reached its end. */
static void finish(struct db *db, struct arena *arena, const struct queue_claim *claims,
		   size_t count)
{
	const struct queue_move move = { .from = "scheduled",
					 .to = "published",
					 .next_check_seconds = QUEUE_NEVER };
	for (size_t i = 0; i < count; i++)
		must(queue_move(db, arena, claims[i], &move), "move");
}

static void give_back(struct db *db, struct arena *arena, const struct queue_claim *claims,
		      size_t count)
{
	for (size_t i = 0; i < count; i++)
		must(queue_release(db, arena, claims[i]), "release");
}

static int drain(struct db *db)
{
	static struct queue_claim claims[CLAIMS_MAX];
	size_t count, total = 0;
	puts("ready");
	fflush(stdout);
	getchar();
	double began = now_s();
	do {
		CLEANUP(arena) struct arena arena = { 0 };
		count = take(db, &arena, claims);
		finish(db, &arena, claims, count);
		total += count;
	} while (count > 0);
	printf("%zu %.6f\n", total, now_s() - began);
	return 0;
}

static int claim(struct db *db, int64_t rounds)
{
	static struct queue_claim claims[CLAIMS_MAX];
	for (int64_t i = 0; i < rounds; i++) {
		CLEANUP(arena) struct arena arena = { 0 };
		double began = now_s();
		size_t count = take(db, &arena, claims);
		printf("%zu %.4f\n", count, (now_s() - began) * 1000);
		give_back(db, &arena, claims, count);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct config config;
	struct db *db = NULL;
	int64_t rounds = 0;
	log_open("queue_bench");
	bool draining = argc == 2 && strcmp(argv[1], "drain") == 0;
	bool claiming = argc == 3 && strcmp(argv[1], "claim") == 0 &&
			number_parse(argv[2], 1, 1000000, &rounds) == STATUS_OK;
	if (!draining && !claiming) {
		log_error("usage: queue_bench drain | claim ROUNDS");
		return 2;
	}
	if (config_load(config_path(), &config) != STATUS_OK ||
	    db_open(config.database, "queue_bench", &db) != STATUS_OK)
		return 1;
	int code = draining ? drain(db) : claim(db, rounds);
	db_close(db);
	return code;
}
