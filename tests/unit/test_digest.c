/* Digests: known ones, in one piece and in many. */
#include "unit.h"

#include "base/base64.h"
#include "base/digest.h"

static const char *digest_of(struct arena *arena, enum digest_kind kind, const char *text,
			     size_t step)
{
	unsigned char bytes[DIGEST_BYTES_MAX];
	CLEANUP(digest_free) struct digest *digest = digest_new(kind);
	for (size_t at = 0, length = strlen(text); at < length; at += step)
		digest_update(digest, text + at, length - at < step ? length - at : step);
	digest_end(digest, bytes);
	return base64_encode(arena, bytes, digest_size(kind));
}

static void known_digests_come_out(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const struct {
		enum digest_kind kind;
		const char *text, *digest;
	} known[] = {
		{ DIGEST_SHA1, "", "2jmj7l5rSw0yVb/vlWAYkK/YBwk=" },
		{ DIGEST_SHA1, "hello world", "Kq5sNclPz7QV2+lfQIuc6R7oRu0=" },
		{ DIGEST_SHA256, "abc", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=" },
		{ DIGEST_SHA512, "abc",
		  "3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslP"
		  "pUyknw==" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		assert_string_equal(digest_of(&arena, known[i].kind, known[i].text, 100),
				    known[i].digest);
		assert_string_equal(digest_of(&arena, known[i].kind, known[i].text, 1),
				    known[i].digest);
	}
}

static void names_are_exact(void **state)
{
	(void)state;
	enum digest_kind kind = DIGEST_SHA1;
	assert_status(digest_kind_parse("sha256 x", 6, &kind), STATUS_OK);
	assert_int_equal(kind, DIGEST_SHA256);
	static const char *const unknown[] = {
		"", "SHA1", "sha", "sha1 ", "sha11", "md5", "crc32"
	};
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		assert_status(digest_kind_parse(unknown[i], strlen(unknown[i]), &kind),
			      STATUS_NOT_FOUND);
}

static void a_digest_can_be_had_in_digits(void **state)
{
	(void)state;
	char hex[DIGEST_HEX_SIZE];
	CLEANUP(digest_free) struct digest *digest = digest_new(DIGEST_SHA256);
	digest_update(digest, "abc", 3);
	digest_end_hex(digest, hex);
	assert_string_equal(hex,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_digest_can_be_had_in_digits),
		cmocka_unit_test(known_digests_come_out),
		cmocka_unit_test(names_are_exact),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
