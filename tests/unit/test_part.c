/* Part files: lengths, locks, sealing, full disks. */
#include "media_folder.h"

#include <pthread.h>
#include <time.h>

static const struct media_folder *folder_of(void **state)
{
	return *state;
}

static void a_missing_directory_is_told(void **state)
{
	const struct media_folder *folder = folder_of(state);
	CLEANUP(arena) struct arena arena = { 0 };
	struct part_store store;
	log_capture();
	assert_status(part_store_open("/nonexistent", &store), STATUS_BROKEN);
	assert_status(part_store_open(arena_printf(&arena, "%s/parts", folder->path), &store),
		      STATUS_BROKEN);
	assert_contains(log_captured(&arena), "media_directory_unusable name=parts");
}

static void the_length_is_what_was_appended(void **state)
{
	const struct media_folder *folder = folder_of(state);
	CLEANUP(part) struct part part = PART_INIT;
	int64_t length;
	assert_status(part_create(&folder->store, folder->id, &part), STATUS_OK);
	assert_int_equal(part.length, 0);
	assert_status(part_append(&part, "hello ", 6), STATUS_OK);
	assert_status(part_append(&part, "world", 5), STATUS_OK);
	assert_status(part_sync(&part), STATUS_OK);
	assert_int_equal(part.length, 11);
	assert_int_equal(part.synced, 11);
	assert_status(part_length(&folder->store, folder->id, &length), STATUS_OK);
	assert_int_equal(length, 11);
	char text[16];
	assert_int_equal(pread(part.fd, text, sizeof(text), 0), 11);
	assert_memory_equal(text, "hello world", 11);
}

static void an_id_is_used_once(void **state)
{
	const struct media_folder *folder = folder_of(state);
	CLEANUP(part) struct part part = PART_INIT;
	CLEANUP(part) struct part again = PART_INIT;
	assert_status(part_create(&folder->store, folder->id, &part), STATUS_OK);
	log_capture();
	assert_status(part_create(&folder->store, folder->id, &again), STATUS_BROKEN);
	CLEANUP(arena) struct arena arena = { 0 };
	assert_contains(log_captured(&arena), "part_create");
}

static void a_link_is_not_followed(void **state)
{
	const struct media_folder *folder = folder_of(state);
	char name[PART_NAME_SIZE];
	part_name(name, folder->id, ".part");
	assert_int_equal(symlinkat("/etc/passwd", folder->store.parts, name), 0);
	CLEANUP(arena) struct arena arena = { 0 };
	CLEANUP(part) struct part part = PART_INIT;
	log_capture();
	assert_status(part_open(&folder->store, folder->id, 0, &part), STATUS_BROKEN);
	assert_status(part_create(&folder->store, folder->id, &part), STATUS_BROKEN);
	log_captured(&arena);
}

static void a_locked_part_is_a_conflict(void **state)
{
	const struct media_folder *folder = folder_of(state);
	CLEANUP(part) struct part holder = PART_INIT;
	CLEANUP(part) struct part newcomer = PART_INIT;
	assert_status(part_create(&folder->store, folder->id, &holder), STATUS_OK);
	assert_status(part_open(&folder->store, folder->id, 0, &newcomer), STATUS_CONFLICT);
	assert_false(part_is_wanted(&folder->store, folder->id));
	assert_status(part_open(&folder->store, folder->id, 100, &newcomer), STATUS_CONFLICT);
	assert_false(part_is_wanted(&folder->store, folder->id));
	part_close(&holder);
	assert_status(part_open(&folder->store, folder->id, 0, &newcomer), STATUS_OK);
}

static void *let_go_when_wanted(void *argument)
{
	struct part *part = argument;
	while (!part_is_wanted(part->store, part->id))
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	assert_status(part_append(part, "last", 4), STATUS_OK);
	part_close(part);
	return NULL;
}

static void a_holder_that_lets_go_is_followed(void **state)
{
	const struct media_folder *folder = folder_of(state);
	struct part holder = PART_INIT;
	CLEANUP(part) struct part newcomer = PART_INIT;
	pthread_t thread;
	assert_status(part_create(&folder->store, folder->id, &holder), STATUS_OK);
	assert_int_equal(pthread_create(&thread, NULL, let_go_when_wanted, &holder), 0);
	assert_status(part_open(&folder->store, folder->id, 10000, &newcomer), STATUS_OK);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(newcomer.length, 4);
	assert_false(part_is_wanted(&folder->store, folder->id));
}

static void a_sealed_part_is_a_video(void **state)
{
	const struct media_folder *folder = folder_of(state);
	CLEANUP(part) struct part part = PART_INIT;
	CLEANUP(part) struct part again = PART_INIT;
	struct stat about;
	assert_status(part_create(&folder->store, folder->id, &part), STATUS_OK);
	assert_status(part_append(&part, "video", 5), STATUS_OK);
	assert_status(part_sync(&part), STATUS_OK);
	assert_status(part_seal(&part), STATUS_OK);
	assert_true(part.sealed);
	assert_int_equal(fstatat(folder->store.videos, folder->id, &about, 0), 0);
	assert_int_equal(about.st_size, 5);
	assert_int_equal(about.st_mode & 0777, 0644);
	assert_int_equal(files_in(folder->store.parts), 0);
	assert_status(part_open(&folder->store, folder->id, 0, &again), STATUS_CONFLICT);
	part_close(&part);
	assert_status(part_open(&folder->store, folder->id, 0, &again), STATUS_OK);
	assert_true(again.sealed);
	assert_int_equal(again.length, 5);
	assert_status(part_seal(&again), STATUS_OK);
	assert_status(part_sync(&again), STATUS_OK);
}

static void a_part_that_was_removed_is_not_sealed(void **state)
{
	const struct media_folder *folder = folder_of(state);
	CLEANUP(part) struct part part = PART_INIT;
	int64_t length;
	assert_status(part_create(&folder->store, folder->id, &part), STATUS_OK);
	assert_false(part_is_gone(&part));
	part_remove(&folder->store, folder->id);
	assert_true(part_is_gone(&part));
	assert_status(part_append(&part, "x", 1), STATUS_OK);
	assert_status(part_seal(&part), STATUS_NOT_FOUND);
	assert_status(part_length(&folder->store, folder->id, &length), STATUS_NOT_FOUND);
	part_remove(&folder->store, folder->id);
}

static void a_full_disk_is_told_and_keeps_the_offset_true(void **state)
{
	const struct media_folder *folder = folder_of(state);
	CLEANUP(arena) struct arena arena = { 0 };
	struct part part = PART_INIT;
	assert_status(part_create(&folder->store, folder->id, &part), STATUS_OK);
	assert_status(part_append(&part, "kept", 4), STATUS_OK);
	int full = open("/dev/full", O_RDWR | O_CLOEXEC), real = part.fd;
	assert_true(full >= 0);
	part.fd = full;
	log_capture();
	assert_status(part_append(&part, "lost", 4), STATUS_REFUSED);
	assert_contains(log_captured(&arena), "media_disk_full");
	assert_int_equal(part.length, 4);
	part.fd = real;
	close(full);
	part_close(&part);
}

static void room_is_asked_for_with_something_to_spare(void **state)
{
	const struct media_folder *folder = folder_of(state);
	assert_true(part_store_has_room(&folder->store, 1, 1));
	assert_false(part_store_has_room(&folder->store, INT64_MAX / 2, 1));
	assert_false(part_store_has_room(&folder->store, 1, 1000000));
}

static void what_is_cut_off_is_gone(void **state)
{
	const struct media_folder *folder = folder_of(state);
	CLEANUP(part) struct part part = PART_INIT;
	int64_t length;
	assert_status(part_create(&folder->store, folder->id, &part), STATUS_OK);
	assert_status(part_append(&part, "kept, cut", 9), STATUS_OK);
	assert_status(part_cut(&part, 20), STATUS_OK);
	assert_int_equal(part.length, 9);
	assert_status(part_cut(&part, 4), STATUS_OK);
	assert_int_equal(part.length, 4);
	assert_status(part_append(&part, "!", 1), STATUS_OK);
	assert_status(part_length(&folder->store, folder->id, &length), STATUS_OK);
	assert_int_equal(length, 5);
}

static void another_file_is_appended(void **state)
{
	const struct media_folder *folder = folder_of(state);
	CLEANUP(arena) struct arena arena = { 0 };
	CLEANUP(part) struct part part = PART_INIT;
	const char *path = scratch_file(&arena, "0123456789", 10);
	CLEANUP(fd_close) int file = open(path, O_RDONLY | O_CLOEXEC);
	assert_status(part_create(&folder->store, folder->id, &part), STATUS_OK);
	assert_status(part_append(&part, "ab", 2), STATUS_OK);
	assert_status(part_append_file(&part, file, 3, 4), STATUS_OK);
	char text[8];
	assert_int_equal(pread(part.fd, text, sizeof(text), 0), 6);
	assert_memory_equal(text, "ab3456", 6);
	/* What is not there cannot be appended. */
	log_capture();
	assert_status(part_append_file(&part, file, 8, 4), STATUS_BROKEN);
	assert_contains(log_captured(&arena), "part_copy");
	assert_int_equal(part.length, 8);
	unlink(path);
}

static void large_parts_have_large_offsets(void **state)
{
	const struct media_folder *folder = folder_of(state);
	CLEANUP(part) struct part part = PART_INIT;
	const int64_t border = INT64_C(1) << 32;
	assert_status(part_create(&folder->store, folder->id, &part), STATUS_OK);
	assert_int_equal(ftruncate(part.fd, border - 2), 0);
	part_close(&part);
	assert_status(part_open(&folder->store, folder->id, 0, &part), STATUS_OK);
	assert_int_equal(part.length, border - 2);
	assert_status(part_append(&part, "1234", 4), STATUS_OK);
	assert_int_equal(part.length, border + 2);
	char text[4];
	assert_int_equal(pread(part.fd, text, sizeof(text), border - 2), 4);
	assert_memory_equal(text, "1234", 4);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, media_folder_setup, media_folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_missing_directory_is_told),
		CASE(the_length_is_what_was_appended),
		CASE(an_id_is_used_once),
		CASE(a_link_is_not_followed),
		CASE(a_locked_part_is_a_conflict),
		CASE(a_holder_that_lets_go_is_followed),
		CASE(a_sealed_part_is_a_video),
		CASE(a_part_that_was_removed_is_not_sealed),
		CASE(a_full_disk_is_told_and_keeps_the_offset_true),
		CASE(room_is_asked_for_with_something_to_spare),
		CASE(what_is_cut_off_is_gone),
		CASE(another_file_is_appended),
		CASE(large_parts_have_large_offsets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
