/*
 * The durable writes of a round, made together at its end: hundreds of posts then cost a handful of
 * commits. A job says what is to be written and which step comes after; nothing of that step has
 * happened before the write is on the disk.
 */
#pragma once
#include "store/queue_write.h"

struct engine;
struct job;

/* One write per job at a time; written is called by batch_flush. */
void batch_start(struct job *job, const struct queue_start *start,
		 void (*written)(struct job *job, enum status st));
void batch_open(struct job *job, const struct queue_open *open,
		void (*written)(struct job *job, enum status st));
void batch_ack(struct job *job, const struct queue_ack *ack,
	       void (*written)(struct job *job, enum status st));
void batch_move(struct job *job, const struct queue_move *move,
		void (*written)(struct job *job, enum status st));

/* A row of the timeline; the work goes on without it should it fail. Its strings are the job's. */
void batch_note(struct job *job, const struct queue_note *note);

/* Write all of it, and what the steps after it ask for, until nothing is left to write. */
void batch_flush(struct engine *engine);
