/* Counting the requests that bring bytes. */
#include "web/receivers.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"

/* A user with places taken; as many of them as places, so a free entry is always found. */
struct entry {
	int64_t user_id;
	int count; /* 0: free */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry *entries;
static int entry_count, taken;
static int64_t user_max;

void receivers_open(int max, int64_t max_per_user)
{
	entries = calloc((size_t)max, sizeof(*entries));
	if (!entries)
		log_die("out_of_memory");
	entry_count = max;
	user_max = max_per_user;
}

/* The user's entry, or a free one; NULL: all places are taken. With the lock held. */
static struct entry *find(int64_t user_id)
{
	struct entry *free_entry = NULL;
	for (int i = 0; i < entry_count; i++) {
		if (entries[i].count > 0 && entries[i].user_id == user_id)
			return &entries[i];
		if (entries[i].count == 0)
			free_entry = &entries[i];
	}
	return free_entry;
}

enum receivers_answer receivers_enter(int64_t user_id)
{
	enum receivers_answer answer = RECEIVERS_WELCOME;
	pthread_mutex_lock(&lock);
	struct entry *entry = taken < entry_count ? find(user_id) : NULL;
	if (!entry) {
		answer = RECEIVERS_FULL;
	} else if (entry->count >= user_max) {
		answer = RECEIVERS_USER_FULL;
	} else {
		entry->user_id = user_id;
		entry->count++;
		taken++;
	}
	pthread_mutex_unlock(&lock);
	return answer;
}

void receivers_leave(int64_t user_id)
{
	pthread_mutex_lock(&lock);
	find(user_id)->count--;
	taken--;
	pthread_mutex_unlock(&lock);
}
