/* Sidecars: what is written is read again, anything else is refused. */
#include "media_folder.h"

#include "media/sidecar.h"

static const struct media_folder *folder_of(void **state)
{
	return *state;
}

static struct sidecar some_sidecar(void)
{
	struct sidecar sidecar = {
		.user_id = INT64_C(9007199254740993),
		.length = INT64_C(4000000000),
		.metadata = "filename YS5tcDQ=,draft",
		.created_at = 1700000000,
		.expires_at = 1700086400,
	};
	sidecar_session_note(&sidecar, "\\x01", 1700000000);
	sidecar_session_note(&sidecar, "\\x02", 1700000060);
	return sidecar;
}

static void what_is_written_is_read(void **state)
{
	const struct media_folder *folder = folder_of(state);
	CLEANUP(arena) struct arena arena = { 0 };
	struct sidecar written = some_sidecar(), read;
	assert_status(sidecar_read(&folder->store, &arena, folder->id, &read), STATUS_NOT_FOUND);
	assert_status(sidecar_write(&folder->store, &arena, folder->id, &written), STATUS_OK);
	assert_status(sidecar_read(&folder->store, &arena, folder->id, &read), STATUS_OK);
	assert_true(read.user_id == written.user_id && read.length == written.length);
	assert_true(read.created_at == written.created_at && read.expires_at == written.expires_at);
	assert_int_equal(read.video_id, 0);
	assert_string_equal(read.metadata, written.metadata);
	assert_int_equal(read.session_count, 2);
	assert_int_equal(sidecar_session_verified(&read, "\\x02"), 1700000060);
	assert_int_equal(sidecar_session_verified(&read, "\\x03"), 0);
	assert_int_equal(files_in(folder->store.parts), 1);
	sidecar_remove(&folder->store, folder->id);
	assert_int_equal(files_in(folder->store.parts), 0);
}

static void it_is_replaced_as_a_whole(void **state)
{
	const struct media_folder *folder = folder_of(state);
	CLEANUP(arena) struct arena arena = { 0 };
	struct sidecar sidecar = some_sidecar(), read;
	assert_status(sidecar_write(&folder->store, &arena, folder->id, &sidecar), STATUS_OK);
	sidecar.video_id = 77;
	sidecar.metadata = "";
	sidecar.session_count = 0;
	assert_status(sidecar_write(&folder->store, &arena, folder->id, &sidecar), STATUS_OK);
	assert_status(sidecar_read(&folder->store, &arena, folder->id, &read), STATUS_OK);
	assert_int_equal(read.video_id, 77);
	assert_string_equal(read.metadata, "");
	assert_int_equal(read.session_count, 0);
}

static void extras_are_read_again(void **state)
{
	const struct media_folder *folder = folder_of(state);
	CLEANUP(arena) struct arena arena = { 0 };
	struct sidecar written = some_sidecar(), read;
	assert_status(sidecar_write(&folder->store, &arena, folder->id, &written), STATUS_OK);
	assert_status(sidecar_read(&folder->store, &arena, folder->id, &read), STATUS_OK);
	assert_int_equal(read.kind, SIDECAR_WHOLE);
	assert_false(read.length_open || read.unverified);
	assert_string_equal(read.concat, "");
	written.kind = SIDECAR_FINAL;
	written.concat = "final;/uploads/a /uploads/b";
	written.length_open = true;
	written.unverified = true;
	written.parts[0] = token_name(&arena);
	written.parts[1] = token_name(&arena);
	written.part_count = 2;
	assert_status(sidecar_write(&folder->store, &arena, folder->id, &written), STATUS_OK);
	assert_status(sidecar_read(&folder->store, &arena, folder->id, &read), STATUS_OK);
	assert_int_equal(read.kind, SIDECAR_FINAL);
	assert_true(read.length_open && read.unverified);
	assert_int_equal(read.verified_length, 0);
	assert_string_equal(read.concat, written.concat);
	assert_int_equal(read.part_count, 2);
	assert_string_equal(read.parts[1], written.parts[1]);
}

static void only_a_video_whose_bytes_all_count_is_complete(void **state)
{
	(void)state;
	struct sidecar sidecar = { .length = 5 };
	assert_true(sidecar_is_complete(&sidecar, 5));
	assert_false(sidecar_is_complete(&sidecar, 4));
	assert_false(sidecar_is_complete(&(struct sidecar){ .length = 5, .video_id = 1 }, 5));
	assert_false(sidecar_is_complete(&(struct sidecar){ .length = 5, .unverified = true }, 5));
	assert_false(sidecar_is_complete(&(struct sidecar){ .length = 5, .length_open = true }, 5));
	sidecar.kind = SIDECAR_PARTIAL;
	assert_false(sidecar_is_complete(&sidecar, 5));
	sidecar.kind = SIDECAR_FINAL;
	assert_true(sidecar_is_complete(&sidecar, 5));
}

static void a_damaged_one_is_refused(void **state)
{
	const struct media_folder *folder = folder_of(state);
	CLEANUP(arena) struct arena arena = { 0 };
	static const char *const damaged[] = {
		"",
		"{",
		"[]",
		"null",
		"{\"version\":1}",
		"{\"version\":2,\"user_id\":1,\"length\":5,\"metadata\":\"\",\"created_at\":1,"
		"\"expires_at\":2,\"video_id\":0,\"sessions\":[]}",
		"{\"version\":1,\"user_id\":\"1\",\"length\":5,\"metadata\":\"\",\"created_at\":1,"
		"\"expires_at\":2,\"video_id\":0,\"sessions\":[]}",
		"{\"version\":1,\"user_id\":1,\"length\":5,\"metadata\":\"\",\"created_at\":1,"
		"\"expires_at\":2,\"video_id\":0,\"sessions\":[1]}",
		"{\"version\":1,\"user_id\":1,\"length\":5,\"metadata\":\"\",\"created_at\":1,"
		"\"expires_at\":2,\"video_id\":0,\"sessions\":[{\"hash\":\"x\"}]}",
		"{\"version\":1,\"user_id\":1,\"length\":5,\"metadata\":\"\",\"created_at\":1,"
		"\"expires_at\":2,\"video_id\":0,\"sessions\":[],\"kind\":\"half\"}",
		"{\"version\":1,\"user_id\":1,\"length\":5,\"metadata\":\"\",\"created_at\":1,"
		"\"expires_at\":2,\"video_id\":0,\"sessions\":[],\"kind\":1}",
		"{\"version\":1,\"user_id\":1,\"length\":5,\"metadata\":\"\",\"created_at\":1,"
		"\"expires_at\":2,\"video_id\":0,\"sessions\":[],\"concat\":1}",
		"{\"version\":1,\"user_id\":1,\"length\":5,\"metadata\":\"\",\"created_at\":1,"
		"\"expires_at\":2,\"video_id\":0,\"sessions\":[],\"verified_length\":\"0\"}",
		"{\"version\":1,\"user_id\":1,\"length\":5,\"metadata\":\"\",\"created_at\":1,"
		"\"expires_at\":2,\"video_id\":0,\"sessions\":[],\"verified_length\":-1}",
		"{\"version\":1,\"user_id\":1,\"length\":5,\"metadata\":\"\",\"created_at\":1,"
		"\"expires_at\":2,\"video_id\":0,\"sessions\":[],\"length_open\":1}",
		"{\"version\":1,\"user_id\":1,\"length\":5,\"metadata\":\"\",\"created_at\":1,"
		"\"expires_at\":2,\"video_id\":0,\"sessions\":[],\"parts\":{}}",
		"{\"version\":1,\"user_id\":1,\"length\":5,\"metadata\":\"\",\"created_at\":1,"
		"\"expires_at\":2,\"video_id\":0,\"sessions\":[],\"parts\":[\"../x\"]}",
		"{\"version\":1,\"user_id\":1,\"length\":5,\"metadata\":\"\",\"created_at\":1,"
		"\"expires_at\":2,\"video_id\":0,\"sessions\":[],\"parts\":[1]}",
	};
	char name[PART_NAME_SIZE];
	struct sidecar read = { .user_id = 5 };
	part_name(name, folder->id, ".info");
	for (size_t i = 0; i < ARRAY_SIZE(damaged); i++) {
		CLEANUP(fd_close)
		int fd = openat(folder->store.parts, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		assert_int_equal(file_write_all(fd, damaged[i], strlen(damaged[i])), 0);
		log_capture();
		enum status st = sidecar_read(&folder->store, &arena, folder->id, &read);
		assert_contains(log_captured(&arena), "sidecar_damaged");
		assert_status(st, STATUS_BROKEN);
		assert_int_equal(read.user_id, 5);
	}
}

static void the_session_unseen_for_longest_makes_room(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct sidecar sidecar = { 0 };
	for (int i = 0; i < SIDECAR_SESSIONS_MAX; i++)
		sidecar_session_note(&sidecar, arena_printf(&arena, "s%d", i), 100 + i);
	sidecar_session_note(&sidecar, "s0", 200);
	sidecar_session_note(&sidecar, "new", 201);
	assert_int_equal(sidecar.session_count, SIDECAR_SESSIONS_MAX);
	assert_int_equal(sidecar_session_verified(&sidecar, "s0"), 200);
	assert_int_equal(sidecar_session_verified(&sidecar, "s1"), 0);
	assert_int_equal(sidecar_session_verified(&sidecar, "new"), 201);
}

static void a_dropped_session_is_unknown(void **state)
{
	(void)state;
	struct sidecar sidecar = some_sidecar();
	assert_true(sidecar_session_drop(&sidecar, "\\x01"));
	assert_false(sidecar_session_drop(&sidecar, "\\x01"));
	assert_int_equal(sidecar_session_verified(&sidecar, "\\x01"), 0);
	assert_int_equal(sidecar_session_verified(&sidecar, "\\x02"), 1700000060);
	assert_true(sidecar_session_drop(&sidecar, "\\x02"));
	assert_int_equal(sidecar.session_count, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, media_folder_setup, media_folder_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_written_is_read),
		CASE(it_is_replaced_as_a_whole),
		CASE(extras_are_read_again),
		cmocka_unit_test(only_a_video_whose_bytes_all_count_is_complete),
		CASE(a_damaged_one_is_refused),
		cmocka_unit_test(the_session_unseen_for_longest_makes_room),
		cmocka_unit_test(a_dropped_session_is_unknown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
