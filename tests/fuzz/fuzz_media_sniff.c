/* Magic sniffing and outlines (Z9): any bytes as a file. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "media/sniff.h"
#include "media/video.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct video_verdict verdict = { 0 };
	enum sniff_kind kind;
	size_t head = size < SNIFF_HEAD_MAX ? size : SNIFF_HEAD_MAX;
	enum status head_status = sniff_head(data, head, &kind, &verdict);
	if ((head_status == STATUS_OK) != (verdict.refusal == VIDEO_ACCEPTED))
		abort();

	static int fd = -1;
	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	struct sniff sniff;
	verdict = (struct video_verdict){ 0 };
	enum status status = sniff_file(fd, (int64_t)size, &sniff, &verdict);
	if ((status == STATUS_OK) != (verdict.refusal == VIDEO_ACCEPTED) ||
	    (status == STATUS_OK && head_status != STATUS_OK))
		abort();
	return 0;
}
