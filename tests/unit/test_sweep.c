/* The janitor's hands remove what is ours, and cannot be led to anything else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/status.h"
#include "media/part.h"
#include "media/sweep.h"

#define NAME  "abcdefghijklmnopqrstuv"
#define OTHER "ABCDEFGHIJKLMNOPQRST_-"

struct place {
	char path[64];
	int directory;
	struct part_store store;
};

static void touch(const struct place *place, const char *name, int64_t age_seconds)
{
	int fd = openat(place->directory, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	struct timespec then = { .tv_sec = now.tv_sec - age_seconds };
	assert_int_equal(futimens(fd, (struct timespec[]){ then, then }), 0);
	close(fd);
}

static bool exists(const struct place *place, const char *name)
{
	return faccessat(place->directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	snprintf(place->path, sizeof(place->path), "/tmp/test_sweep.XXXXXX");
	if (!place || !mkdtemp(place->path))
		return -1;
	place->directory = open(place->path, O_RDONLY | O_DIRECTORY);
	mkdirat(place->directory, "parts", 0700);
	mkdirat(place->directory, "videos", 0700);
	mkdirat(place->directory, "frames", 0700);
	*state = place;
	return part_store_open(place->path, &place->store) == STATUS_OK ? 0 : -1;
}

static void empty(int directory)
{
	static const char *const names[] = { NAME,	   NAME ".jpg",	 NAME ".part",
					     NAME ".info", NAME ".want", NAME ".info.new",
					     OTHER,	   "strange",	 NAME "x" };
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlinkat(directory, names[i], 0);
}

static int tear_down(void **state)
{
	struct place *place = *state;
	empty(place->store.parts);
	empty(place->store.videos);
	empty(place->store.frames);
	unlinkat(place->directory, "parts", AT_REMOVEDIR);
	unlinkat(place->directory, "videos", AT_REMOVEDIR);
	unlinkat(place->directory, "frames", AT_REMOVEDIR);
	unlinkat(place->directory, "outside", 0);
	rmdir(place->path);
	close(place->store.parts);
	close(place->store.videos);
	close(place->store.frames);
	close(place->directory);
	free(place);
	return 0;
}

static void a_queued_file_is_removed_and_may_be_gone(void **state)
{
	struct place *place = *state;
	touch(place, "videos/" NAME, 0);
	touch(place, "frames/" NAME ".jpg", 0);
	assert_int_equal(sweep_remove(&place->store, "videos/" NAME), STATUS_OK);
	assert_int_equal(sweep_remove(&place->store, "frames/" NAME ".jpg"), STATUS_OK);
	assert_false(exists(place, "videos/" NAME));
	assert_false(exists(place, "frames/" NAME ".jpg"));
	assert_int_equal(sweep_remove(&place->store, "videos/" NAME), STATUS_OK);
	touch(place, "frames/" NAME ".strip.jpg", 0);
	assert_int_equal(sweep_remove(&place->store, "frames/" NAME ".strip.jpg"), STATUS_OK);
	assert_false(exists(place, "frames/" NAME ".strip.jpg"));
	touch(place, "frames/" NAME ".strip.jpg", 0);
	assert_int_equal(sweep_remove_video(&place->store, NAME), STATUS_OK);
	assert_false(exists(place, "frames/" NAME ".strip.jpg"));
}

static void a_path_that_is_not_ours_is_refused(void **state)
{
	static const char *const paths[] = {
		"",
		"outside",
		"/etc/passwd",
		"../outside",
		"videos/../outside",
		"videos/",
		"videos/short",
		"videos/" NAME "/",
		"videos/" NAME "x",
		"videos/" NAME ".jpg",
		"frames/" NAME,
		"frames/" NAME ".jpg.jpg",
		"frames/" NAME ".strip",
		"videos/" NAME ".strip.jpg",
		"frames/" NAME ".png",
		"parts/" NAME ".part",
		"videos/abcdefghijklmnopqrst..",
		"videos//bcdefghijklmnopqrstuv",
		"Videos/" NAME,
	};
	struct place *place = *state;
	touch(place, "outside", 0);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		assert_int_equal(sweep_remove(&place->store, paths[i]), STATUS_INVALID);
	assert_true(exists(place, "outside"));
	assert_int_equal(sweep_remove_upload(&place->store, "../videos/x"), STATUS_INVALID);
	assert_int_equal(sweep_remove_video(&place->store, ".."), STATUS_INVALID);
}

static void a_link_is_removed_and_not_followed(void **state)
{
	struct place *place = *state;
	touch(place, "outside", 0);
	assert_int_equal(symlinkat("../outside", place->store.videos, NAME), 0);
	assert_int_equal(sweep_remove(&place->store, "videos/" NAME), STATUS_OK);
	assert_false(exists(place, "videos/" NAME));
	assert_true(exists(place, "outside"));
}

static void an_upload_goes_with_all_its_files_but_its_video(void **state)
{
	struct place *place = *state;
	touch(place, "parts/" NAME ".part", 0);
	touch(place, "parts/" NAME ".info", 0);
	touch(place, "parts/" NAME ".want", 0);
	touch(place, "parts/" NAME ".info.new", 0);
	touch(place, "parts/" NAME ".01", 0);
	touch(place, "parts/" NAME ".02", 0);
	touch(place, "videos/" NAME, 0);
	assert_int_equal(sweep_remove_upload(&place->store, NAME), STATUS_OK);
	assert_false(exists(place, "parts/" NAME ".part"));
	assert_false(exists(place, "parts/" NAME ".info"));
	assert_false(exists(place, "parts/" NAME ".want"));
	assert_false(exists(place, "parts/" NAME ".info.new"));
	assert_false(exists(place, "parts/" NAME ".01"));
	assert_false(exists(place, "parts/" NAME ".02"));
	assert_true(exists(place, "videos/" NAME));
}

static void a_walk_shows_old_files_of_ours_alone(void **state)
{
	struct place *place = *state;
	CLEANUP(arena) struct arena arena = { 0 };
	CLEANUP(sweep_close) struct sweep *sweep = NULL;
	struct sweep_file files[4];
	int64_t foreign = 0;
	touch(place, "parts/" NAME ".info", 7200);
	touch(place, "parts/" OTHER, 10); /* too young */
	touch(place, "parts/strange", 7200);
	touch(place, "parts/" NAME "x", 7200);
	assert_int_equal(sweep_open(&place->store, SWEEP_PARTS, &sweep), STATUS_OK);
	assert_int_equal(sweep_next(sweep, &arena, 3600, files, ARRAY_SIZE(files), &foreign), 1);
	assert_string_equal(files[0].name, NAME ".info");
	assert_string_equal(files[0].id, NAME);
	assert_int_equal(foreign, 2);
	assert_int_equal(sweep_next(sweep, &arena, 3600, files, ARRAY_SIZE(files), &foreign), 0);
	assert_int_equal(sweep_remove_file(sweep, files[0].name), STATUS_OK);
	assert_false(exists(place, "parts/" NAME ".info"));
	assert_int_equal(sweep_remove_file(sweep, "../outside"), STATUS_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_queued_file_is_removed_and_may_be_gone, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_path_that_is_not_ours_is_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_link_is_removed_and_not_followed, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_upload_goes_with_all_its_files_but_its_video,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_walk_shows_old_files_of_ours_alone, set_up,
						tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
