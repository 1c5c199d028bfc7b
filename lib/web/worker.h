/* A thread that does one kind of work in the background and stops soon when told to. */
#pragma once
#include <pthread.h>
#include <stdbool.h>

#include "base/status.h"

struct worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t told;
	bool started, stopping;
};

#define WORKER_INIT                                                                                \
	{                                                                                          \
		.lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER                \
	}

/* Start body(argument). STATUS_BROKEN (logged): no thread to be had. */
MUST_CHECK enum status worker_start(struct worker *worker, void *(*body)(void *), void *argument);

/* Wait that long, less when told to stop. False: stop. */
bool worker_wait(struct worker *worker, int ms);

/* True when it was told to stop. */
bool worker_is_stopping(struct worker *worker);

/* Tell it to stop, and wait for it at most so many seconds. Harmless when it was never started. */
void worker_stop(struct worker *worker, int seconds);
