/*
 * A program with many threads: one takes connections, and each is given to a thread that waits or to a new one. Threads
 * that find no work end, so that a program that may hold a thousand slow clients is small while it holds none.
 */
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/file.h"
#include "base/log.h"
#include "web/connection.h"
#include "web/pool.h"

enum {
	STACK_BYTES = 256 * 1024,
	OPEN_MS = 10000, /* nginx sends the parameters at once */
	LINGER_MS = 200,
	IDLE_SECONDS = 30, /* so long a thread waits for its next connection */
	WAKE_MS = 50,
	QUEUE_MAX = 8, /* connections accepted before a thread is free; more wait in the socket */
	AFTER_FAILURE_MS = 20,
	DESCRIPTORS_EACH = 3,
	DESCRIPTORS_OTHER = 128,
	HEAP_ARENAS = 2 /* one for each thread would keep what they once needed */
};

struct thread {
	struct thread *next;
	pthread_t id;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t given = PTHREAD_COND_INITIALIZER; /* a connection waits for a thread */
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER; /* a thread has ended */
static struct thread *threads;
static int thread_count, idle_count;
static int starting;	     /* threads that have not asked for a connection yet */
static int queue[QUEUE_MAX]; /* connections that wait for a thread, the oldest first */
static int queued;
static int room = -1; /* eventfd: a full queue has room again */

static const struct service *service;
static struct config config; /* as long as the process, like its strings */
static void *context;

static struct timespec after_ms(clockid_t clock, int64_t ms)
{
	struct timespec time;
	clock_gettime(clock, &time);
	time.tv_sec += ms / 1000;
	time.tv_nsec += ms % 1000 * 1000000;
	time.tv_sec += time.tv_nsec / 1000000000;
	time.tv_nsec %= 1000000000;
	return time;
}

static void serve_connection(int fd)
{
	struct worker worker = { .service = service, .config = &config, .context = context };
	struct arena arena = { 0 };
	struct fastcgi stream;
	enum status st = fastcgi_open(&arena, fd, OPEN_MS, &stream);
	if (st == STATUS_OK) {
		struct request_connection connection = { .params = stream.params,
							 .stream = &stream,
							 .worker = &worker,
							 .body_left = -1 };
		serve_request(&connection, &arena);
	} else {
		log_warn("params_incomplete status=%s", status_name(st));
	}
	fastcgi_close(&stream, LINGER_MS);
	arena_reset(&arena);
}

/* The next connection, or -1: there was none for long, or the program stops. With the lock held. */
static int connection_take(void)
{
	struct timespec until = after_ms(CLOCK_REALTIME, (int64_t)IDLE_SECONDS * 1000);
	idle_count++;
	while (queued == 0 && !serve_is_stopping() &&
	       pthread_cond_timedwait(&given, &lock, &until) != ETIMEDOUT)
		;
	idle_count--;
	if (queued == 0)
		return -1;
	int fd = queue[0];
	if (queued-- == QUEUE_MAX)
		eventfd_write(room, 1);
	memmove(queue, queue + 1, (size_t)queued * sizeof(*queue));
	return fd;
}

static void *run(void *argument)
{
	struct thread *self = argument;
	pthread_mutex_lock(&lock);
	starting--;
	for (int fd; (fd = connection_take()) >= 0;) {
		pthread_mutex_unlock(&lock);
		serve_connection(fd);
		pthread_mutex_lock(&lock);
	}
	struct thread **link = &threads;
	while (*link != self)
		link = &(*link)->next;
	*link = self->next;
	thread_count--;
	pthread_cond_signal(&ended);
	pthread_mutex_unlock(&lock);
	free(self);
	return NULL;
}

/* With the lock held. */
static bool thread_start(const pthread_attr_t *attributes)
{
	struct thread *thread = calloc(1, sizeof(*thread));
	if (!thread)
		log_die("out_of_memory");
	int error = pthread_create(&thread->id, attributes, run, thread);
	if (error != 0) {
		log_error("thread_not_started count=%d error=%s", thread_count, strerror(error));
		free(thread);
		return false;
	}
	thread->next = threads;
	threads = thread;
	thread_count++;
	starting++;
	return true;
}

/* A thread for each connection that waits, as far as there may be threads. With the lock held. */
static void threads_ensure(const pthread_attr_t *attributes, int max)
{
	/* Those that were started a moment ago are not idle yet, and come for what waits. */
	while (queued > idle_count + starting && thread_count < max && thread_start(attributes))
		;
}

static bool queue_has_room(void)
{
	pthread_mutex_lock(&lock);
	bool has_room = queued < QUEUE_MAX;
	pthread_mutex_unlock(&lock);
	return has_room;
}

static void connection_give(int fd, const pthread_attr_t *attributes, int max)
{
	pthread_mutex_lock(&lock);
	queue[queued++] = fd;
	threads_ensure(attributes, max);
	pthread_cond_signal(&given);
	pthread_mutex_unlock(&lock);
}

/* Accept until a signal comes. */
static void accept_all(const pthread_attr_t *attributes, int max, int signals)
{
	for (;;) {
		bool has_room = queue_has_room();
		eventfd_t ignored;
		struct pollfd inputs[] = { { .fd = signals, .events = POLLIN },
					   { .fd = room, .events = POLLIN },
					   { .fd = has_room ? 0 : -1, .events = POLLIN } };
		if (poll(inputs, ARRAY_SIZE(inputs), -1) < 0 && errno != EINTR)
			log_die("poll_failed error=%s", strerror(errno));
		if (inputs[0].revents)
			return;
		if (inputs[1].revents)
			eventfd_read(room, &ignored);
		if (!has_room || !inputs[2].revents)
			continue;
		int fd = accept4(0, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0) {
			connection_give(fd, attributes, max);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
			   errno == ENOBUFS) {
			log_error("accept_failed error=%s", strerror(errno));
			nanosleep(&(struct timespec){ .tv_nsec = AFTER_FAILURE_MS * 1000000L },
				  NULL);
		}
	}
}

/* Wake all out of their waits; a signal that comes between a check and a wait is lost, so repeat it. */
static void threads_end(void)
{
	serve_stop();
	pthread_mutex_lock(&lock);
	pthread_cond_broadcast(&given);
	while (thread_count > 0) {
		for (const struct thread *thread = threads; thread; thread = thread->next)
			pthread_kill(thread->id, SIGUSR2);
		struct timespec until = after_ms(CLOCK_REALTIME, WAKE_MS);
		pthread_cond_timedwait(&ended, &lock, &until);
	}
	pthread_mutex_unlock(&lock);
}

/* A connection and a file for each thread; what the system refuses shows when it is needed. */
static void descriptors_allow(int max)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)max * DESCRIPTORS_EACH + DESCRIPTORS_OTHER;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
		log_warn("descriptors_few limit=%llu wanted=%llu",
			 (unsigned long long)limit.rlim_cur, (unsigned long long)wanted);
}

int serve_threads(const struct service *to_serve)
{
	service = to_serve;
	mallopt(M_ARENA_MAX, HEAP_ARENAS);
	if (serve_prepare(service, &config, &context) != STATUS_OK)
		return serve_start_failed();
	int max = service->threads(&config);
	descriptors_allow(max);
	/* The threads inherit this: only the signal that wakes them reaches them. */
	sigset_t stops;
	sigemptyset(&stops);
	sigaddset(&stops, SIGTERM);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &stops, NULL);
	CLEANUP(fd_close) int signals = signalfd(-1, &stops, SFD_CLOEXEC);
	room = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (signals < 0 || room < 0)
		log_die("descriptors_unusable error=%s", strerror(errno));
	if (service->start && service->start(&config, context) != STATUS_OK)
		return 1;
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	accept_all(&attributes, max, signals);
	threads_end();
	pthread_attr_destroy(&attributes);
	pool_close();
	return 0;
}
