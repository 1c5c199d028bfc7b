/* Time that only goes forward, for deadlines. */
#pragma once
#include <stdint.h>

/* Milliseconds since some moment of this machine's run; not a time of day. */
int64_t clock_now_ms(void);

/* The same in seconds. */
int64_t clock_now_s(void);
