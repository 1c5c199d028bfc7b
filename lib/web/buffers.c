/* Lending buffers. */
#include "web/buffers.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t given = PTHREAD_COND_INITIALIZER;
static unsigned char *idle[BUFFERS_MAX];
static int idle_count, made_count;

unsigned char *buffers_take(void)
{
	unsigned char *buffer = NULL;
	pthread_mutex_lock(&lock);
	while (idle_count == 0 && made_count == BUFFERS_MAX)
		pthread_cond_wait(&given, &lock);
	if (idle_count > 0)
		buffer = idle[--idle_count];
	else
		made_count++;
	pthread_mutex_unlock(&lock);
	if (!buffer)
		buffer = malloc(BUFFER_BYTES);
	if (!buffer)
		log_die("out_of_memory");
	return buffer;
}

void buffers_give(unsigned char *buffer)
{
	if (!buffer)
		return;
	pthread_mutex_lock(&lock);
	idle[idle_count++] = buffer;
	pthread_cond_signal(&given);
	pthread_mutex_unlock(&lock);
}
