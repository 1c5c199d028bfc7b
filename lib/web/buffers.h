/* The buffers that bytes of uploads pass through: few and large, shared by all threads. Thread-safe. */
#pragma once

enum {
	BUFFER_BYTES = 256 * 1024,
	BUFFERS_MAX = 8, /* more would not make the disk faster */
};

/* A buffer of BUFFER_BYTES; waits until one is free. Give it back. */
unsigned char *buffers_take(void);

/* NULL is fine. */
void buffers_give(unsigned char *buffer);
