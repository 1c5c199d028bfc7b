/* The list of writing requests, and the thread that hears who wants their parts. */
#include "media/holder.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/token.h"

enum { WATCHER_STACK_BYTES = 128 * 1024, EVENTS_BYTES = 16 * 1024 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct holder *holders;
static int64_t last_serial;

/* Of the one watching thread; set before it starts. */
static struct watcher {
	const struct part_store *store;
	int inotify;
} watcher = { NULL, -1 };

void holder_enter(struct holder *holder, const char *id, int connection, const char *session_id,
		  int64_t user_id, int64_t verified_at)
{
	*holder = (struct holder){
		.connection = connection,
		.user_id = user_id,
		.verified_at = verified_at,
	};
	snprintf(holder->id, sizeof(holder->id), "%s", id);
	snprintf(holder->session_id, sizeof(holder->session_id), "%s", session_id);
	pthread_mutex_lock(&lock);
	holder->serial = ++last_serial;
	holder->next = holders;
	holders = holder;
	pthread_mutex_unlock(&lock);
}

enum holder_end holder_leave(struct holder *holder)
{
	pthread_mutex_lock(&lock);
	struct holder **link = &holders;
	while (*link != holder)
		link = &(*link)->next;
	*link = holder->next;
	pthread_mutex_unlock(&lock);
	explicit_bzero(holder->session_id, sizeof(holder->session_id));
	return holder->end;
}

/* With the lock held: the connection can not be closed and its number reused meanwhile. */
static void end(struct holder *holder, enum holder_end why)
{
	if (holder->end != HOLDER_GOES_ON)
		return;
	holder->end = why;
	shutdown(holder->connection, SHUT_RD);
	log_info("upload_interrupted upload=%.6s reason=%s", holder->id,
		 why == HOLDER_WANTED ? "wanted" : "session");
}

enum status holder_find_unverified(int64_t before, struct holder *ret_copy)
{
	enum status st = STATUS_NOT_FOUND;
	pthread_mutex_lock(&lock);
	for (struct holder *holder = holders; holder && st != STATUS_OK; holder = holder->next) {
		if (holder->verified_at < before && holder->end == HOLDER_GOES_ON) {
			*ret_copy = *holder;
			st = STATUS_OK;
		}
	}
	pthread_mutex_unlock(&lock);
	return st;
}

static struct holder *find_serial(int64_t serial)
{
	struct holder *holder = holders;
	while (holder && holder->serial != serial)
		holder = holder->next;
	return holder;
}

void holder_note_verified(const struct holder *copy, int64_t verified_at)
{
	pthread_mutex_lock(&lock);
	struct holder *holder = find_serial(copy->serial);
	if (holder)
		holder->verified_at = verified_at;
	pthread_mutex_unlock(&lock);
}

void holder_revoke(const struct holder *copy)
{
	pthread_mutex_lock(&lock);
	struct holder *holder = find_serial(copy->serial);
	if (holder)
		end(holder, HOLDER_REVOKED);
	pthread_mutex_unlock(&lock);
}

void holder_ask(const char *id)
{
	pthread_mutex_lock(&lock);
	for (struct holder *holder = holders; holder; holder = holder->next) {
		if (strcmp(holder->id, id) == 0)
			end(holder, HOLDER_WANTED);
	}
	pthread_mutex_unlock(&lock);
}

/* Events were lost: look for each holder's. */
static void ask_all(void)
{
	pthread_mutex_lock(&lock);
	for (struct holder *holder = holders; holder; holder = holder->next) {
		if (part_is_wanted(watcher.store, holder->id))
			end(holder, HOLDER_WANTED);
	}
	pthread_mutex_unlock(&lock);
}

static void event_handle(const struct inotify_event *event)
{
	static const char suffix[] = ".want";
	char id[PART_ID_SIZE];
	if (event->mask & IN_Q_OVERFLOW) {
		ask_all();
		return;
	}
	if (event->len == 0 || strlen(event->name) != sizeof(id) - 1 + sizeof(suffix) - 1 ||
	    strcmp(event->name + sizeof(id) - 1, suffix) != 0)
		return;
	memcpy(id, event->name, sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	/* One's own request for a part, heard late when one holds it already, is withdrawn by then.
	 */
	if (token_is_name(id) && part_is_wanted(watcher.store, id))
		holder_ask(id);
}

static void *watch(void *argument)
{
	static char events[EVENTS_BYTES]
		__attribute__((aligned(__alignof__(struct inotify_event))));
	(void)argument;
	for (;;) {
		ssize_t length = read(watcher.inotify, events, sizeof(events));
		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			log_die("inotify_unreadable error=%s", strerror(errno));
		for (ssize_t at = 0; at < length;) {
			const struct inotify_event *event =
				(const struct inotify_event *)(const void *)(events + at);
			event_handle(event);
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	}
	return NULL;
}

enum status holder_watch(const struct part_store *store)
{
	char path[64];
	pthread_t thread;
	pthread_attr_t attributes;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", store->parts);
	watcher.store = store;
	watcher.inotify = inotify_init1(IN_CLOEXEC);
	if (watcher.inotify < 0 ||
	    inotify_add_watch(watcher.inotify, path, IN_CREATE | IN_ONLYDIR) < 0) {
		log_error("inotify_unusable error=%s remedy=raise fs.inotify.max_user_instances",
			  strerror(errno));
		return STATUS_BROKEN;
	}
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, WATCHER_STACK_BYTES);
	int error = pthread_create(&thread, &attributes, watch, NULL);
	pthread_attr_destroy(&attributes);
	if (error != 0) {
		log_error("thread_not_started error=%s", strerror(error));
		return STATUS_BROKEN;
	}
	return STATUS_OK;
}
