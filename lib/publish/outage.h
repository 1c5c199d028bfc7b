/*
 * Which of TikTok's hosts answer. What the calls of this publisher meet is told to the breakers that
 * all publishers share; while one is open the queue waits, nothing counts as an attempt, and one post
 * at a time tries whether the host is back. After an outage the work starts small and doubles.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct engine;
struct outage;

/* What is known of the API's host and, once they are met, of upload hosts. Freed by outage_free. */
struct outage *outage_new(const char *api_url);
void outage_free(struct outage *outage);

const char *outage_api_host(const struct outage *outage);

/* A call to host has ended; answered: with anything but a server error. */
void outage_hear(struct outage *outage, const char *host, int64_t account_id, bool answered);

/* Tell the breakers what was heard since the last time; cheap when there is nothing to tell. */
void outage_tell(struct outage *outage, struct engine *engine);

/* Learn what other publishers have met. */
void outage_read(struct outage *outage, struct engine *engine);

/* True while some host does not answer. */
bool outage_is_open(const struct outage *outage);

/*
 * True for the one publisher that may try an open breaker's host with one post now.
 * *ret_upload: it is an upload host, which only a post in transfer will meet.
 */
bool outage_may_try(struct outage *outage, struct engine *engine, bool *ret_upload);

/* How many of max posts may be in hand: fewer for a while after an outage. */
int64_t outage_room(const struct outage *outage, int64_t max);
