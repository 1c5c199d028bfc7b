/* Joining: links, steps, going on where it stopped. */
#include "media_folder.h"

#include "media/join.h"

static struct media_folder *folder_of(void **state)
{
	return *state;
}

/* A partial upload with these bytes, linked as number. */
static const char *linked_part(struct media_folder *folder, const char *bytes, size_t size,
			       size_t number)
{
	CLEANUP(part) struct part part = PART_INIT;
	const char *id = token_name(&folder->arena);
	assert_status(part_create(&folder->store, id, &part), STATUS_OK);
	assert_status(part_append(&part, bytes, size), STATUS_OK);
	assert_status(join_link(&part, folder->id, number), STATUS_OK);
	return id;
}

static void links_are_joined_in_order(void **state)
{
	struct media_folder *folder = folder_of(state);
	CLEANUP(part) struct part part = PART_INIT;
	part_remove(&folder->store, linked_part(folder, "hello", 5, 1));
	linked_part(folder, "", 0, 2);
	linked_part(folder, " world", 6, 3);
	assert_status(part_create(&folder->store, folder->id, &part), STATUS_OK);
	assert_status(join_step(&part, 3, 1000), STATUS_OK);
	assert_int_equal(part.length, 11);
	assert_int_equal(part.synced, 11);
	char text[16];
	assert_int_equal(pread(part.fd, text, sizeof(text), 0), 11);
	assert_memory_equal(text, "hello world", 11);
	assert_status(join_unlink(&folder->store, folder->id), STATUS_OK);
	assert_int_equal(files_in(folder->store.parts), 3);
}

static void joining_goes_on_from_any_length(void **state)
{
	struct media_folder *folder = folder_of(state);
	linked_part(folder, "abc", 3, 1);
	linked_part(folder, "defg", 4, 2);
	for (int64_t length = 0; length <= 7; length++) {
		CLEANUP(part) struct part part = PART_INIT;
		char text[8];
		assert_status(part_create(&folder->store, folder->id, &part), STATUS_OK);
		assert_status(part_append(&part, "abcdefg", (size_t)length), STATUS_OK);
		assert_status(join_step(&part, 2, 1000), STATUS_OK);
		assert_int_equal(part.length, 7);
		assert_int_equal(pread(part.fd, text, sizeof(text), 0), 7);
		assert_memory_equal(text, "abcdefg", 7);
		part_remove(&folder->store, folder->id);
	}
}

static void a_step_without_time_does_nothing(void **state)
{
	struct media_folder *folder = folder_of(state);
	CLEANUP(part) struct part part = PART_INIT;
	linked_part(folder, "abc", 3, 1);
	assert_status(part_create(&folder->store, folder->id, &part), STATUS_OK);
	assert_status(join_step(&part, 1, 0), STATUS_OK);
	assert_int_equal(part.length, 0);
}

static void a_missing_link_is_told(void **state)
{
	struct media_folder *folder = folder_of(state);
	CLEANUP(arena) struct arena arena = { 0 };
	CLEANUP(part) struct part part = PART_INIT;
	linked_part(folder, "abc", 3, 1);
	assert_status(part_create(&folder->store, folder->id, &part), STATUS_OK);
	log_capture();
	assert_status(join_step(&part, 2, 1000), STATUS_BROKEN);
	assert_contains(log_captured(&arena), "part_link_unreadable");
	assert_int_equal(part.length, 3);
}

static void a_part_that_is_gone_is_not_linked(void **state)
{
	struct media_folder *folder = folder_of(state);
	CLEANUP(part) struct part part = PART_INIT;
	const char *id = token_name(&folder->arena);
	assert_status(part_create(&folder->store, id, &part), STATUS_OK);
	part_remove(&folder->store, id);
	assert_status(join_link(&part, folder->id, 1), STATUS_NOT_FOUND);
	assert_status(join_unlink(&folder->store, folder->id), STATUS_OK);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, media_folder_setup, media_folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(links_are_joined_in_order),	 CASE(joining_goes_on_from_any_length),
		CASE(a_step_without_time_does_nothing),	 CASE(a_missing_link_is_told),
		CASE(a_part_that_is_gone_is_not_linked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
