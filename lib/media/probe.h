/* Ask the media process what a file is. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "media/video.h"

struct arena;

struct probe_result {
	bool ok;	     /* TikTok would take it, as far as can be told */
	const char *code;    /* "" when ok; else one of video_refusal_code() */
	const char *message; /* "" when ok; else what is wrong and what to do, printable ASCII */
	struct video video;  /* what was found; also when refused, as far as it came */
	const unsigned char *thumbnail; /* JPEG, NULL when there is none */
	size_t thumbnail_size;		/* bytes, at most PROBE_THUMBNAIL_MAX */
	const unsigned char *strip;	/* JPEG, frames side by side; NULL when there is none */
	size_t strip_size;		/* bytes, at most PROBE_STRIP_MAX */
	int strip_frames;		/* in it; 0 when there is none */
};

/*
 * Pass fd to the media process at socket_path and wait at most timeout_ms for its answer (waiting
 * for a free child included; a child itself takes 10 s at the very most). fd must be a regular file
 * opened read-only; it stays the caller's. All of ret_result lives in the arena.
 *
 * STATUS_OK: the process has answered, or the file brought it down, which is an answer too: ok is
 * false then and code is file_format_check_failed.
 * STATUS_RETRY: no process there, it is being restarted, or no answer in time.
 * STATUS_BROKEN: fd is not what it must be, or the system fails. Faults are logged here.
 */
MUST_CHECK enum status probe_file(struct arena *arena, const char *socket_path, int fd,
				  int timeout_ms, struct probe_result *ret_result);
