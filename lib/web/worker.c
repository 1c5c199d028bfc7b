/* Background threads. */
#include "web/worker.h"

#include <string.h>
#include <time.h>

#include "base/log.h"

enum { STACK_BYTES = 256 * 1024 };

enum status worker_start(struct worker *worker, void *(*body)(void *), void *argument)
{
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	int error = pthread_create(&worker->thread, &attributes, body, argument);
	pthread_attr_destroy(&attributes);
	if (error != 0) {
		log_error("thread_not_started error=%s", strerror(error));
		return STATUS_BROKEN;
	}
	worker->started = true;
	return STATUS_OK;
}

static struct timespec time_after(int64_t ms)
{
	struct timespec time;
	clock_gettime(CLOCK_REALTIME, &time);
	int64_t ns = time.tv_nsec + ms % 1000 * 1000000;
	time.tv_sec += ms / 1000 + ns / 1000000000;
	time.tv_nsec = ns % 1000000000;
	return time;
}

bool worker_wait(struct worker *worker, int ms)
{
	struct timespec until = time_after(ms);
	int error = 0;
	pthread_mutex_lock(&worker->lock);
	while (!worker->stopping && error == 0)
		error = pthread_cond_timedwait(&worker->told, &worker->lock, &until);
	bool goes_on = !worker->stopping;
	pthread_mutex_unlock(&worker->lock);
	return goes_on;
}

bool worker_is_stopping(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	bool stopping = worker->stopping;
	pthread_mutex_unlock(&worker->lock);
	return stopping;
}

void worker_stop(struct worker *worker, int seconds)
{
	if (!worker->started)
		return;
	pthread_mutex_lock(&worker->lock);
	worker->stopping = true;
	pthread_cond_broadcast(&worker->told);
	pthread_mutex_unlock(&worker->lock);
	struct timespec until = time_after((int64_t)seconds * 1000);
	if (pthread_timedjoin_np(worker->thread, NULL, &until) != 0)
		log_warn("worker_not_stopped seconds=%d", seconds);
	else
		worker->started = false;
}
