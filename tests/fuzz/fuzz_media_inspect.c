/* The whole examination of a file, libavformat and decoders included (E23), without the sandbox. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "media/inspect.h"
#include "media/probe_protocol.h"

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
	(void)count;
	(void)arguments;
	inspect_prepare();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	static char report[PROBE_REPORT_MAX];
	struct inspection inspection;
	inspect_file(fd, (int64_t)size, &inspection);
	if (inspection_report(&inspection, report, sizeof(report)) == 0)
		abort();
	inspection_release(&inspection);
	return 0;
}
