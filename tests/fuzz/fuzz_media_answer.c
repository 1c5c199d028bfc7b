/* The media process's report (Z10): any bytes, and what the client accepts is sane. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "media/probe.h"
#include "media/probe_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct probe_result result;
	char *text = arena_strndup(&arena, (const char *)data, size);
	if (probe_answer_parse(&arena, text, size, 1234567, &result) != STATUS_OK)
		return 0;
	struct video_verdict verdict;
	video_judge(&result.video, &verdict);
	if (result.video.size != 1234567 || strlen(result.message) >= sizeof(verdict.message) ||
	    (result.ok && verdict.refusal != VIDEO_ACCEPTED) ||
	    result.ok != (result.code[0] == '\0'))
		abort();
	return 0;
}
