/*
 * The schedule queue alone, as the publisher calls it and with the publisher's role; BATCH: so many posts at a time.
 *
 * queue_bench drain BATCH          says "ready", waits for a line, then claims and finishes all posts that are
 *                                  due; writes "COUNT SECONDS SECONDS_OF_CLAIMS"
 * queue_bench claim BATCH ROUNDS   takes up to BATCH of what is due and gives it back, ROUNDS times; writes
 *                                  "COUNT MILLISECONDS" of each take
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/log.h"
#include "base/number.h"
#include "store/db.h"
#include "store/queue.h"
#include "store/queue_write.h"

enum { BATCH_MAX = 1000 };

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

struct bench {
	const struct config *config;
	struct db *db;
	size_t batch;
};

/* Up to a batch of posts that are due now; how many. */
static size_t take(const struct bench *bench, struct arena *arena, struct queue_claim *ret_claims)
{
	const struct queue_due what = {
		.per_account = bench->config->publisher_per_account,
		.spacing_seconds = bench->config->publisher_spacing_seconds,
	};
	size_t count = 0;
	must(queue_claim_due(bench->db, arena, &what, bench->batch, ret_claims, &count), "claim");
	return count;
}

/* Empty jobs: nothing is asked or sent, the posts have reached their end. */
static void finish(const struct bench *bench, struct arena *arena, const struct queue_claim *claims,
		   size_t count)
{
	struct queue_move moves[BATCH_MAX];
	bool done[BATCH_MAX];
	for (size_t i = 0; i < count; i++)
		moves[i] = (struct queue_move){ .id = claims[i].id,
						.fence = claims[i].fence,
						.from = "scheduled",
						.to = "published",
						.next_check_seconds = QUEUE_NEVER };
	must(queue_move_all(bench->db, arena, moves, count, done), "move");
	for (size_t i = 0; i < count; i++)
		must(done[i] ? STATUS_OK : STATUS_NOT_FOUND, "moved");
}

static void drain(const struct bench *bench)
{
	struct queue_claim claims[BATCH_MAX];
	size_t count, total = 0;
	puts("ready");
	fflush(stdout);
	getchar();
	double began = now_s(), claiming = 0;
	do {
		CLEANUP(arena) struct arena arena = { 0 };
		double asked = now_s();
		count = take(bench, &arena, claims);
		claiming += now_s() - asked;
		if (count > 0)
			finish(bench, &arena, claims, count);
		total += count;
	} while (count > 0);
	printf("%zu %.6f %.6f\n", total, now_s() - began, claiming);
}

static void claim(const struct bench *bench, int64_t rounds)
{
	struct queue_claim claims[BATCH_MAX];
	for (int64_t i = 0; i < rounds; i++) {
		CLEANUP(arena) struct arena arena = { 0 };
		double began = now_s();
		size_t count = take(bench, &arena, claims);
		printf("%zu %.4f\n", count, (now_s() - began) * 1000);
		for (size_t at = 0; at < count; at++)
			must(queue_release(bench->db, &arena, claims[at]), "release");
	}
}

int main(int argc, char **argv)
{
	static struct config config;
	struct db *db = NULL;
	int64_t batch = 0, rounds = 0;
	log_open("queue_bench");
	bool draining = argc == 3 && strcmp(argv[1], "drain") == 0;
	bool claiming = argc == 4 && strcmp(argv[1], "claim") == 0 &&
			number_parse(argv[3], 1, 1000000, &rounds) == STATUS_OK;
	if ((!draining && !claiming) || number_parse(argv[2], 1, BATCH_MAX, &batch) != STATUS_OK) {
		log_error("usage: queue_bench drain BATCH | claim BATCH ROUNDS");
		return 2;
	}
	if (config_load(config_path(), &config) != STATUS_OK ||
	    db_open(config.database, "queue_bench", &db) != STATUS_OK)
		return 1;
	const struct bench bench = { &config, db, (size_t)batch };
	if (draining)
		drain(&bench);
	else
		claim(&bench, rounds);
	db_close(db);
	return 0;
}
