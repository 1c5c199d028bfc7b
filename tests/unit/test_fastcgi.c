/* The FastCGI records of the upload program: what nginx sends, cut anywhere; and what it would never send. */
#include "web/fastcgi.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "unit.h"

enum { TIMEOUT_MS = 2000 };

struct wire {
	int ours, theirs;
	struct arena arena;
	struct fastcgi fastcgi;
	unsigned char sent[64 * 1024];
	size_t length;
};

static int wire_open(void **state)
{
	static struct wire wire;
	int pair[2];
	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), errno);
	wire = (struct wire){ .ours = pair[0], .theirs = pair[1] };
	*state = &wire;
	return 0;
}

static int wire_close(void **state)
{
	struct wire *wire = *state;
	close(wire->ours);
	if (wire->theirs >= 0)
		close(wire->theirs);
	arena_reset(&wire->arena);
	return 0;
}

static void add(struct wire *wire, const void *bytes, size_t size)
{
	assert_true(wire->length + size <= sizeof(wire->sent));
	memcpy(wire->sent + wire->length, bytes, size);
	wire->length += size;
}

static void record(struct wire *wire, unsigned char type, const char *content, size_t size,
		   unsigned char padding)
{
	const unsigned char header[] = {
		1, type, 0, 1, (unsigned char)(size >> 8), (unsigned char)size, padding, 0
	};
	static const char zeros[255];
	add(wire, header, sizeof(header));
	add(wire, content, size);
	add(wire, zeros, padding);
}

static void begin(struct wire *wire)
{
	record(wire, 1, "\0\1\0\0\0\0\0\0", 8, 0);
}

static void param(char *to, size_t *length, const char *name, const char *value)
{
	to[(*length)++] = (char)strlen(name);
	to[(*length)++] = (char)strlen(value);
	memcpy(to + *length, name, strlen(name));
	*length += strlen(name);
	memcpy(to + *length, value, strlen(value));
	*length += strlen(value);
}

/* Begin, two parameters and their end, as nginx sends them. */
static void head(struct wire *wire)
{
	char params[64];
	size_t length = 0;
	param(params, &length, "REQUEST_METHOD", "PATCH");
	param(params, &length, "EMPTY", "");
	begin(wire);
	record(wire, 4, params, length, 3);
	record(wire, 4, "", 0, 0);
}

static void deliver(struct wire *wire)
{
	assert_int_equal(write(wire->theirs, wire->sent, wire->length), wire->length);
	wire->length = 0;
}

static void hang_up(struct wire *wire)
{
	close(wire->theirs);
	wire->theirs = -1;
}

static enum status open_it(struct wire *wire)
{
	return fastcgi_open(&wire->arena, wire->ours, TIMEOUT_MS, &wire->fastcgi);
}

/* The whole body, taken by a buffer of that size; how it ended. */
static enum status body(struct wire *wire, size_t buffer_size, char *text, size_t *ret_length)
{
	unsigned char buffer[1024];
	struct iovec parts[FASTCGI_PARTS_MAX];
	size_t count;
	*ret_length = 0;
	while (!wire->fastcgi.ended) {
		enum status st = fastcgi_wait(&wire->fastcgi, TIMEOUT_MS);
		if (st == STATUS_OK)
			st = fastcgi_receive(&wire->fastcgi, buffer, buffer_size, parts, &count);
		if (st != STATUS_OK)
			return st;
		for (size_t i = 0; i < count; i++) {
			memcpy(text + *ret_length, parts[i].iov_base, parts[i].iov_len);
			*ret_length += parts[i].iov_len;
		}
	}
	return STATUS_OK;
}

static void parameters_arrive(void **state)
{
	struct wire *wire = *state;
	head(wire);
	deliver(wire);
	assert_status(open_it(wire), STATUS_OK);
	assert_string_equal(wire->fastcgi.params[0], "REQUEST_METHOD=PATCH");
	assert_string_equal(wire->fastcgi.params[1], "EMPTY=");
	assert_null(wire->fastcgi.params[2]);
}

static void parameters_may_come_in_several_records_and_be_long(void **state)
{
	struct wire *wire = *state;
	char value[300], all[400];
	memset(value, 'v', sizeof(value));
	const unsigned char lengths[] = { 1, 0x80, 0, 1, 44, 'A' };
	memcpy(all, lengths, sizeof(lengths));
	memcpy(all + sizeof(lengths), value, sizeof(value));
	begin(wire);
	record(wire, 4, all, 100, 0);
	record(wire, 4, all + 100, sizeof(lengths) + sizeof(value) - 100, 7);
	record(wire, 4, "", 0, 0);
	deliver(wire);
	assert_status(open_it(wire), STATUS_OK);
	assert_int_equal(strlen(wire->fastcgi.params[0]), 2 + sizeof(value));
	assert_memory_equal(wire->fastcgi.params[0], "A=vvv", 5);
}

static void a_body_arrives_whatever_the_buffer(void **state)
{
	struct wire *wire = *state;
	char text[1024];
	size_t length;
	for (size_t size = 1; size <= 64; size++) {
		head(wire);
		record(wire, 5, "hello ", 6, 2);
		record(wire, 5, "wor", 3, 0);
		record(wire, 5, "ld", 2, 255);
		record(wire, 5, "", 0, 8);
		deliver(wire);
		assert_status(open_it(wire), STATUS_OK);
		assert_status(body(wire, size, text, &length), STATUS_OK);
		assert_int_equal(length, 11);
		assert_memory_equal(text, "hello world", 11);
		/* what follows the end is nobody's */
		char rest[64];
		while (recv(wire->ours, rest, sizeof(rest), MSG_DONTWAIT) > 0)
			;
	}
}

static void very_many_small_records_are_put_together(void **state)
{
	struct wire *wire = *state;
	char text[1024];
	size_t length;
	head(wire);
	deliver(wire);
	assert_status(open_it(wire), STATUS_OK);
	for (int i = 0; i < 100; i++)
		record(wire, 5, &"0123456789"[i % 10], 1, 0);
	record(wire, 5, "", 0, 0);
	deliver(wire);
	assert_status(body(wire, 1024, text, &length), STATUS_OK);
	assert_int_equal(length, 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(text[i], "0123456789"[i % 10]);
}

static void a_body_that_breaks_off_is_told(void **state)
{
	struct wire *wire = *state;
	char text[1024];
	size_t length;
	head(wire);
	record(wire, 5, "hello ", 6, 0);
	wire->length -= 2;
	deliver(wire);
	hang_up(wire);
	assert_status(open_it(wire), STATUS_OK);
	assert_status(body(wire, 1024, text, &length), STATUS_RETRY);
	assert_int_equal(length, 4);
}

static void a_silent_peer_is_not_waited_for(void **state)
{
	struct wire *wire = *state;
	begin(wire);
	deliver(wire);
	assert_status(fastcgi_open(&wire->arena, wire->ours, 30, &wire->fastcgi), STATUS_RETRY);
	head(wire);
	deliver(wire);
	wire->fastcgi = (struct fastcgi){ .fd = wire->ours };
	char rest[256];
	while (recv(wire->ours, rest, sizeof(rest), MSG_DONTWAIT) > 0)
		;
	assert_status(fastcgi_wait(&wire->fastcgi, 30), STATUS_RETRY);
}

static void what_nginx_never_sends_is_refused(void **state)
{
	struct wire *wire = *state;
	static const struct {
		const char *bytes;
		size_t size;
	} heads[] = {
		{ "\2\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0", 16 }, /* another version */
		{ "\1\1\0\0\0\10\0\0\0\1\0\0\0\0\0\0", 16 }, /* a management record */
		{ "\1\1\0\1\0\10\0\0\0\2\0\0\0\0\0\0", 16 }, /* an authorizer */
		{ "\1\4\0\1\0\10\0\0\0\1\0\0\0\0\0\0", 16 }, /* parameters first */
		{ "\1\1\0\1\0\0\0\0", 8 },		     /* begin of nothing */
	};
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		add(wire, heads[i].bytes, heads[i].size);
		deliver(wire);
		assert_status(open_it(wire), STATUS_INVALID);
		char rest[256];
		while (recv(wire->ours, rest, sizeof(rest), MSG_DONTWAIT) > 0)
			;
	}
}

static void hostile_parameters_are_refused(void **state)
{
	struct wire *wire = *state;
	static const struct {
		const char *bytes;
		size_t size;
	} params[] = {
		{ "\xff\xff\xff\xff\xff\xff\xff\xff", 8 }, /* CVE-2025-23016 */
		{ "\xff\xff\xff\xfe\xff\xff\xff\xfe", 8 }, /* D2 */
		{ "\5", 1 },				   /* no second length */
		{ "\x80\0\0", 3 },			   /* half a length */
		{ "\1\5A", 3 },				   /* less than it says */
		{ "\3\1A=BX", 6 },			   /* a name that reads as another (D21) */
		{ "\1\3Aa\0b", 6 },			   /* a value that ends early */
	};
	for (size_t i = 0; i < ARRAY_SIZE(params); i++) {
		begin(wire);
		record(wire, 4, params[i].bytes, params[i].size, 0);
		record(wire, 4, "", 0, 0);
		deliver(wire);
		assert_status(open_it(wire), STATUS_INVALID);
	}
}

static void a_record_of_another_kind_ends_the_body(void **state)
{
	struct wire *wire = *state;
	char text[1024];
	size_t length;
	head(wire);
	record(wire, 5, "a", 1, 0);
	record(wire, 2, "", 0, 0); /* FCGI_ABORT_REQUEST */
	deliver(wire);
	assert_status(open_it(wire), STATUS_OK);
	assert_status(body(wire, 9, text, &length), STATUS_INVALID);
}

static void an_answer_is_framed(void **state)
{
	struct wire *wire = *state;
	static char text[70000];
	unsigned char got[80000];
	size_t length = 0;
	memset(text, 'x', sizeof(text));
	wire->fastcgi = (struct fastcgi){ .fd = wire->ours, .id = 1 };
	assert_true(fastcgi_answer(&wire->fastcgi, &(struct iovec){ text, sizeof(text) }, 1,
				   TIMEOUT_MS));
	fastcgi_close(&(struct fastcgi){ .fd = dup(wire->ours) }, 0);
	for (ssize_t more; (more = read(wire->theirs, got + length, sizeof(got) - length)) > 0;)
		length += (size_t)more;
	/* 70,000 bytes in two records, the empty one, the end */
	assert_int_equal(length, 8 + 65528 + 8 + (70000 - 65528) + 8 + 16);
	const unsigned char first[] = { 1, 6, 0, 1, 0xff, 0xf8, 0, 0 };
	assert_memory_equal(got, first, sizeof(first));
	const unsigned char end[] = { 1, 6, 0, 1, 0, 0, 0, 0, 1, 3, 0, 1,
				      0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	assert_memory_equal(got + length - sizeof(end), end, sizeof(end));
}

static void a_peer_that_takes_nothing_is_given_up(void **state)
{
	struct wire *wire = *state;
	static char text[4 << 20];
	wire->fastcgi = (struct fastcgi){ .fd = wire->ours, .id = 1 };
	assert_false(fastcgi_answer(&wire->fastcgi, &(struct iovec){ text, sizeof(text) }, 1, 30));
}

#define WIRE_TEST(name) cmocka_unit_test_setup_teardown(name, wire_open, wire_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TEST(parameters_arrive),
		WIRE_TEST(parameters_may_come_in_several_records_and_be_long),
		WIRE_TEST(a_body_arrives_whatever_the_buffer),
		WIRE_TEST(very_many_small_records_are_put_together),
		WIRE_TEST(a_body_that_breaks_off_is_told),
		WIRE_TEST(a_silent_peer_is_not_waited_for),
		WIRE_TEST(what_nginx_never_sends_is_refused),
		WIRE_TEST(hostile_parameters_are_refused),
		WIRE_TEST(a_record_of_another_kind_ends_the_body),
		WIRE_TEST(an_answer_is_framed),
		WIRE_TEST(a_peer_that_takes_nothing_is_given_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
