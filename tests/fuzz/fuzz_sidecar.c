/* The note beside an upload (parts/ID.info): any bytes; what is accepted is written and read back alike. */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "media/part.h"
#include "media/sidecar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ID "abcdefghijklmnopqrstuv"

/* Text grows when it is written again; this much still fits into a sidecar. */
enum { REWRITTEN_MAX = 4096 };

static char directory[] = "/dev/shm/spg-fuzz-XXXXXX";
static struct part_store store;

static void tidy(void)
{
	unlinkat(store.parts, ID ".info", 0);
	rmdir(directory);
}

static void prepare(void)
{
	if (store.parts > 0)
		return;
	store.parts = mkdtemp(directory) ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (store.parts < 0)
		abort();
	atexit(tidy);
}

static void put(const uint8_t *data, size_t size)
{
	int fd = openat(store.parts, ID ".info", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct sidecar first, again;
	prepare();
	put(data, size);
	if (sidecar_read(&store, &arena, ID, &first) != STATUS_OK)
		return 0;
	if (first.session_count > SIDECAR_SESSIONS_MAX || !first.metadata)
		abort();
	if (size > REWRITTEN_MAX)
		return 0;
	if (sidecar_write(&store, &arena, ID, &first) != STATUS_OK ||
	    sidecar_read(&store, &arena, ID, &again) != STATUS_OK)
		abort();
	if (again.length != first.length || again.user_id != first.user_id ||
	    again.session_count != first.session_count ||
	    strcmp(again.metadata, first.metadata) != 0)
		abort();
	return 0;
}
