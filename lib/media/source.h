/*
 * One opened media file under a budget: libavformat over one descriptor, the demuxer forced, every
 * other file and protocol out of reach, the work bounded.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <libavformat/avformat.h>

#include "base/status.h"
#include "media/sniff.h"

struct video_verdict;

struct source {
	int fd;
	int64_t size;	    /* bytes */
	int64_t position;   /* where the demuxer reads next */
	int64_t bytes_left; /* that may still be read */
	int64_t wall_begin; /* CLOCK_MONOTONIC, ms */
	int64_t wall_end;
	int64_t cpu_end; /* CLOCK_PROCESS_CPUTIME_ID, ms */
	bool exhausted;	 /* the budget is gone: every read fails */
	AVIOContext *io;
	AVFormatContext *format;
	AVStream *video;       /* the first real video stream, never NULL after opening */
	const AVStream *audio; /* NULL when there is none */
};

/* What is otherwise done at first use and would need system calls; before any sandbox. */
void source_prepare(void);

/*
 * Open the container of fd (read-only, not taken over) and choose its streams.
 * STATUS_INVALID with the reason in ret_verdict. source_close() in either case.
 */
MUST_CHECK enum status source_open(struct source *source, int fd, int64_t size,
				   enum sniff_kind kind, struct video_verdict *ret_verdict);

/* No budget from now on: for work that something else bounds. */
void source_lift_budget(struct source *source);

/* CPU time of this process, and time since the source was opened; ms. */
int64_t source_cpu_ms(void);
int64_t source_age_ms(const struct source *source);

/* Free what was opened; also after a failed source_open(). fd stays the caller's. */
void source_close(struct source *source);
