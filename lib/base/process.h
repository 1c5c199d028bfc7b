/* What every program does with its own process before it learns a secret, and how it is told to stop. */
#pragma once

/* No core file, and no look at its memory by processes of the same user (B76). */
void process_hide(void);

/* SIGTERM and SIGINT call handler, which only sets a flag; a reader that goes away does not end the program. */
void process_on_stop(void (*handler)(int signal_number));
