/* The person behind the process. */
#include "base/operator.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/number.h"
#include "base/status.h"

enum { NAME_MAX_BYTES = 32 };

static bool is_sane(const char *name)
{
	static const char sane[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
	size_t length = name ? strlen(name) : 0;
	return length > 0 && length <= NAME_MAX_BYTES && strspn(name, sane) == length;
}

static const char *name_of(struct arena *arena, uid_t uid)
{
	struct passwd entry, *found = NULL;
	char *room = arena_alloc(arena, 16384);
	if (getpwuid_r(uid, &entry, room, 16384, &found) != 0 || !found || !is_sane(found->pw_name))
		return NULL;
	return arena_strdup(arena, found->pw_name);
}

/* The user whose login this process descends from; NULL where nobody logged in, as in cron. */
static const char *login_name(struct arena *arena)
{
	char text[16] = "";
	int64_t uid;
	CLEANUP(fd_close) int fd = open("/proc/self/loginuid", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || file_read_all(fd, text, sizeof(text) - 1) <= 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	if (number_parse(text, 0, UINT32_MAX - 1, &uid) != STATUS_OK)
		return NULL;
	return name_of(arena, (uid_t)uid);
}

const char *operator_name(struct arena *arena)
{
	const char *name = getenv("SUDO_USER");
	if (is_sane(name))
		return arena_strdup(arena, name);
	name = login_name(arena);
	if (!name)
		name = name_of(arena, getuid());
	return name ? name : "unknown";
}
