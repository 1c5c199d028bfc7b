/* A media directory of a test's own. */
#pragma once
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/token.h"
#include "media/part.h"

struct media_folder {
	struct arena arena;
	const char *path;
	struct part_store store;
	const char *id; /* of the upload that a case works on */
};

__attribute__((unused)) static int media_folder_setup(void **state)
{
	static struct media_folder folder;
	static const char *const names[] = { "parts", "videos", "frames" };
	folder = (struct media_folder){ 0 };
	token_init();
	const char *parent = getenv("TMPDIR");
	char *path = arena_printf(&folder.arena, "%s/spg-media-XXXXXX",
				  parent && *parent ? parent : "/tmp");
	assert_non_null(mkdtemp(path));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(mkdir(arena_printf(&folder.arena, "%s/%s", path, names[i]), 0700),
				 0);
	folder.path = path;
	folder.id = token_name(&folder.arena);
	assert_status(part_store_open(path, &folder.store), STATUS_OK);
	*state = &folder;
	return 0;
}

/* How many files there are in one of its directories. */
__attribute__((unused)) static int files_in(int directory)
{
	int count = 0;
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fdopendir(fd);
	assert_non_null(entries);
	for (const struct dirent *entry; (entry = readdir(entries)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(entries);
	return count;
}

static void empty_and_close(struct media_folder *folder, int directory, const char *name)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fdopendir(fd);
	assert_non_null(entries);
	for (const struct dirent *entry; (entry = readdir(entries)) != NULL;)
		unlinkat(directory, entry->d_name, 0);
	closedir(entries);
	close(directory);
	rmdir(arena_printf(&folder->arena, "%s/%s", folder->path, name));
}

__attribute__((unused)) static int media_folder_teardown(void **state)
{
	struct media_folder *folder = *state;
	empty_and_close(folder, folder->store.parts, "parts");
	empty_and_close(folder, folder->store.videos, "videos");
	empty_and_close(folder, folder->store.frames, "frames");
	rmdir(folder->path);
	arena_reset(&folder->arena);
	return 0;
}
