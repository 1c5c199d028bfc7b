/* The examples of FIPS 180-4, and pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/sha256.h"

static void assert_hash(const char *text, size_t piece, const char *expected)
{
	char hex[SHA256_HEX_SIZE];
	CLEANUP(sha256_free) struct sha256 *hash = sha256_new();
	size_t length = strlen(text);
	for (size_t at = 0; at < length; at += piece)
		sha256_add(hash, text + at, length - at < piece ? length - at : piece);
	sha256_end(hash, hex);
	assert_string_equal(hex, expected);
}

static void known_hashes(void **state)
{
	(void)state;
	assert_hash("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_hash("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void pieces_do_not_matter(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < 60; piece++)
		assert_hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", piece,
			    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_hashes),
		cmocka_unit_test(pieces_do_not_matter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
