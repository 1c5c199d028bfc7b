/* Holders: who writes in this process, and how each is made to let go. */
#include "media_folder.h"

#include <poll.h>
#include <sys/socket.h>

#include "media/holder.h"

static const char id[] = "AAAAAAAAAAAAAAAAAAAAAA", other_id[] = "BBBBBBBBBBBBBBBBBBBBBB";

struct connection {
	int ours, theirs;
};

static struct connection connection_open(void)
{
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	return (struct connection){ pair[0], pair[1] };
}

static void connection_close(struct connection *connection)
{
	close(connection->ours);
	close(connection->theirs);
}

/* True when reading ends, within so many milliseconds. */
static bool has_ended(const struct connection *connection, int timeout_ms)
{
	struct pollfd input = { .fd = connection->ours, .events = POLLIN };
	char byte;
	return poll(&input, 1, timeout_ms) == 1 && read(connection->ours, &byte, 1) == 0;
}

static void only_the_one_that_is_asked_lets_go(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct connection first = connection_open(), second = connection_open();
	struct holder one, two;
	holder_enter(&one, id, first.ours, "session", 1, 100);
	holder_enter(&two, other_id, second.ours, "session", 1, 100);
	log_capture();
	holder_ask(id);
	holder_ask("CCCCCCCCCCCCCCCCCCCCCC");
	assert_contains(log_captured(&arena), "upload=AAAAAA reason=wanted");
	assert_true(has_ended(&first, 0));
	assert_false(has_ended(&second, 0));
	assert_int_equal(holder_leave(&one), HOLDER_WANTED);
	assert_int_equal(holder_leave(&two), HOLDER_GOES_ON);
	connection_close(&first);
	connection_close(&second);
}

static void what_has_come_can_still_be_read(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct connection connection = connection_open();
	struct holder holder;
	char text[8];
	holder_enter(&holder, id, connection.ours, "session", 1, 100);
	assert_int_equal(write(connection.theirs, "bytes", 5), 5);
	log_capture();
	holder_ask(id);
	log_captured(&arena);
	assert_int_equal(read(connection.ours, text, sizeof(text)), 5);
	assert_int_equal(read(connection.ours, text, sizeof(text)), 0);
	assert_int_equal(holder_leave(&holder), HOLDER_WANTED);
	connection_close(&connection);
}

static void sessions_that_were_not_verified_are_found(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct connection connection = connection_open();
	struct holder holder, copy;
	assert_status(holder_find_unverified(1000, &copy), STATUS_NOT_FOUND);
	holder_enter(&holder, id, connection.ours, "the session", 7, 100);
	assert_status(holder_find_unverified(100, &copy), STATUS_NOT_FOUND);
	assert_status(holder_find_unverified(101, &copy), STATUS_OK);
	assert_string_equal(copy.session_id, "the session");
	assert_string_equal(copy.id, id);
	assert_int_equal(copy.user_id, 7);
	holder_note_verified(&copy, 160);
	assert_status(holder_find_unverified(160, &copy), STATUS_NOT_FOUND);
	assert_status(holder_find_unverified(161, &copy), STATUS_OK);
	log_capture();
	holder_revoke(&copy);
	assert_contains(log_captured(&arena), "reason=session");
	assert_true(has_ended(&connection, 0));
	assert_status(holder_find_unverified(1000, &copy), STATUS_NOT_FOUND);
	assert_int_equal(holder_leave(&holder), HOLDER_REVOKED);
	assert_int_equal(holder.verified_at, 160);
	assert_string_equal(holder.session_id, "");
	connection_close(&connection);
}

static void news_of_one_that_has_left_reach_nobody(void **state)
{
	(void)state;
	struct connection connection = connection_open();
	struct holder holder, copy, next;
	holder_enter(&holder, id, connection.ours, "session", 1, 100);
	assert_status(holder_find_unverified(1000, &copy), STATUS_OK);
	assert_int_equal(holder_leave(&holder), HOLDER_GOES_ON);
	holder_enter(&next, id, connection.ours, "session", 1, 100);
	holder_revoke(&copy);
	holder_note_verified(&copy, 500);
	assert_false(has_ended(&connection, 0));
	assert_int_equal(holder_leave(&next), HOLDER_GOES_ON);
	assert_int_equal(next.verified_at, 100);
	connection_close(&connection);
}

static void a_request_in_the_folder_is_heard(void **state)
{
	const struct media_folder *folder = *state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct connection connection = connection_open();
	struct holder holder;
	CLEANUP(part) struct part part = PART_INIT;
	CLEANUP(part) struct part newcomer = PART_INIT;
	assert_status(part_create(&folder->store, folder->id, &part), STATUS_OK);
	assert_status(holder_watch(&folder->store), STATUS_OK);
	holder_enter(&holder, folder->id, connection.ours, "session", 1, 100);
	log_capture();
	/* The holder does not let go here: the newcomer asks, waits and gives up. */
	assert_status(part_open(&folder->store, folder->id, 500, &newcomer), STATUS_CONFLICT);
	bool ended = has_ended(&connection, 5000);
	log_captured(&arena);
	assert_true(ended);
	assert_int_equal(holder_leave(&holder), HOLDER_WANTED);
	connection_close(&connection);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_one_that_is_asked_lets_go),
		cmocka_unit_test(what_has_come_can_still_be_read),
		cmocka_unit_test(sessions_that_were_not_verified_are_found),
		cmocka_unit_test(news_of_one_that_has_left_reach_nobody),
		cmocka_unit_test_setup_teardown(a_request_in_the_folder_is_heard,
						media_folder_setup, media_folder_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
