/* Mail as text: whatever stands in a value, headers and recipients are those that were meant. */
#include "unit.h"

#include "base/base64.h"
#include "remote/mail.h"

static const struct mail plain = {
	.from_name = "SPG \"Auto\"",
	.from = "help@example.org",
	.to = "operator@example.org",
	.subject = "Hello",
	.message_id = "support-1-2@example.org",
	.body = "One\nTwo",
};

/* How many lines before the empty one begin with text. */
static int headers_with(const char *mail, const char *text)
{
	int count = 0;
	for (const char *line = mail; *line != '\n'; line = strchr(line, '\n') + 1) {
		if (strncmp(line, text, strlen(text)) == 0)
			count++;
	}
	return count;
}

static const char *body_of(struct arena *arena, const char *mail)
{
	const char *text = strstr(mail, "\n\n") + 2;
	char *joined = arena_strdup(arena, text), *end = joined, *bytes;
	size_t length;
	for (const char *byte = text; *byte; byte++) {
		if (*byte != '\n')
			*end++ = *byte;
	}
	assert_status(base64_decode(arena, joined, (size_t)(end - joined), &bytes, &length),
		      STATUS_OK);
	assert_int_equal(strlen(bytes), length);
	return bytes;
}

static void a_mail_has_its_headers_once(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct mail mail = plain;
	const char *text = mail_text(&arena, &mail);
	static const char *const wanted[] = { "From: =?UTF-8?B?",
					      " <help@example.org>",
					      "To: <operator@example.org>",
					      "Subject: =?UTF-8?B?SGVsbG8=?=",
					      "Date: ",
					      "Message-ID: <support-1-2@example.org>",
					      "Auto-Submitted: auto-generated",
					      "MIME-Version: 1.0",
					      "Content-Type: text/plain; charset=utf-8",
					      "Content-Transfer-Encoding: base64" };
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		assert_int_equal(headers_with(text, wanted[i]), 1);
	assert_int_equal(headers_with(text, ""), (int)ARRAY_SIZE(wanted));
	assert_string_equal(body_of(&arena, text), "One\r\nTwo\r\n");
	mail.reply_to = "me@example.net";
	assert_int_equal(headers_with(mail_text(&arena, &mail), "Reply-To: <me@example.net>"), 1);
}

static void no_value_adds_a_header(void **state)
{
	(void)state;
	static const char *const hostile[] = {
		"a\nBcc: evil@example.org",
		"a\r\nBcc: evil@example.org",
		"a\r\n\r\nBcc: evil@example.org",
		"a\n\nbody",
		"?=\nBcc: evil@example.org\n=?",
		"\xd1\x8f\nTo: evil@example.org",
		".\n.\r\n.\nQUIT",
		"\nSubject: other",
	};
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		CLEANUP(arena) struct arena arena = { 0 };
		struct mail mail = plain;
		mail.subject = mail.from_name = mail.body = hostile[i];
		const char *text = mail_text(&arena, &mail);
		assert_int_equal(headers_with(text, "Bcc"), 0);
		assert_int_equal(headers_with(text, "To:"), 1);
		assert_int_equal(headers_with(text, "Subject:"), 1);
		/* A long subject goes on in lines that begin with a blank. */
		assert_int_equal(headers_with(text, "") - headers_with(text, " "), 9);
		assert_null(strstr(text, "evil"));
		for (const char *byte = text; *byte; byte++)
			assert_true((*byte >= ' ' && *byte < 0x7f) || *byte == '\n');
	}
}

static void long_subjects_are_whole_words_of_whole_characters(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	char subject[601] = "";
	for (size_t i = 0; i < 300; i++)
		memcpy(subject + 2 * i, "\xd0\x96", 3);
	/* One byte first, so that a cut at a fixed length would split a character. */
	struct mail mail = plain;
	mail.subject = arena_printf(&arena, "x%s", subject);
	const char *line = strstr(mail_text(&arena, &mail), "Subject: ") + strlen("Subject: ");
	char *joined = arena_alloc(&arena, 1000);
	for (;; line++) {
		char *bytes;
		size_t length, line_length = strcspn(line, "\n");
		assert_true(line_length <= 75);
		assert_int_equal(strncmp(line, "=?UTF-8?B?", 10), 0);
		assert_int_equal(strncmp(line + line_length - 2, "?=", 2), 0);
		assert_status(base64_decode(&arena, line + 10, line_length - 12, &bytes, &length),
			      STATUS_OK);
		assert_true(((unsigned char)bytes[0] & 0xc0) != 0x80);
		memcpy(joined + strlen(joined), bytes, length);
		line += line_length + 1;
		if (*line != ' ')
			break;
	}
	assert_string_equal(joined, mail.subject);
}

static void addresses_need_no_quoting(void **state)
{
	(void)state;
	static const char *const good[] = { "a@b", "first.last+tag@mail.example.org",
					    "o'neill@example.org", "_x@a-b.example" };
	static const char *const bad[] = { "",
					   "a",
					   "@b",
					   "a@",
					   "a@b@c",
					   "a b@c",
					   "a@b c",
					   "a@b\nBcc: c@d",
					   "a@b,c@d",
					   "<a@b>",
					   "a@b>",
					   "\"a\"@b",
					   "a@[127.0.0.1]",
					   ".a@b",
					   "a.@b",
					   "a..c@b",
					   "a@.b",
					   "a@b.",
					   "a@b..c",
					   "a@-b",
					   "a@b-",
					   "-oX@b",
					   "a@\xd0\xb6.example",
					   "\xd0\xb6@example.org",
					   "a;b@c",
					   "a:b@c",
					   "a(b)@c" };
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(mail_address_is_valid(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (mail_address_is_valid(bad[i]))
			fail_msg("taken: %s", bad[i]);
	}
	char address[400];
	memset(address, 'a', sizeof(address));
	address[64] = '@';
	address[254] = '\0';
	assert_true(mail_address_is_valid(address));
	address[254] = 'a';
	address[255] = '\0';
	assert_false(mail_address_is_valid(address));
	memcpy(address, "aaaa", 4);
	address[64] = 'a';
	address[65] = '@';
	address[100] = '\0';
	assert_false(mail_address_is_valid(address));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_has_its_headers_once),
		cmocka_unit_test(no_value_adds_a_header),
		cmocka_unit_test(long_subjects_are_whole_words_of_whole_characters),
		cmocka_unit_test(addresses_need_no_quoting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
