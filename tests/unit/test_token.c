/* Unguessable words, their hashes, their comparison. */
#include "unit.h"

#include "base/token.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void new_words_are_words_and_all_different(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *words[200], *names[200];
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		words[i] = token_new(&arena);
		names[i] = token_name(&arena);
		assert_int_equal(strlen(words[i]), TOKEN_TEXT_LENGTH);
		assert_int_equal(strlen(names[i]), 22);
		assert_true(token_is_word(words[i]));
		assert_true(token_is_name(names[i]));
		assert_false(token_is_word(names[i]));
		assert_false(token_is_name(words[i]));
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(words[i], words[j]);
			assert_string_not_equal(names[i], names[j]);
		}
	}
}

static void assert_strict(bool (*is_good)(const char *text), size_t length)
{
	char text[64];
	memset(text, 'A', sizeof(text));
	text[length] = '\0';
	assert_true(is_good(text));
	for (size_t i = 0; i < length; i++) {
		for (int byte = 0; byte < 256; byte++) {
			text[i] = (char)byte;
			bool wanted = byte != 0 && strchr(alphabet, byte) != NULL;
			if (is_good(text) != wanted)
				fail_msg("byte %d at %zu", byte, i);
		}
		text[i] = 'A';
	}
	text[length] = 'A';
	text[length + 1] = '\0';
	assert_false(is_good(text));
	text[length - 1] = '\0';
	assert_false(is_good(text));
	assert_false(is_good(""));
	assert_false(is_good(NULL));
}

static void words_and_names_are_checked_byte_by_byte(void **state)
{
	(void)state;
	assert_strict(token_is_word, TOKEN_TEXT_LENGTH);
	assert_strict(token_is_name, 22);
	assert_false(token_is_name("../../../etc/passwd\n.."));
	assert_false(token_is_word("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
}

static void a_hash_depends_on_word_and_purpose(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *hash = token_hash(&arena, "session", "word");
	assert_int_equal(strlen(hash), 2 + 2 * TOKEN_HASH_BYTES);
	assert_memory_equal(hash, "\\x", 2);
	assert_int_equal(strspn(hash + 2, "0123456789abcdef"), 2 * TOKEN_HASH_BYTES);
	assert_string_equal(token_hash(&arena, "session", "word"), hash);
	assert_string_not_equal(token_hash(&arena, "session", "worD"), hash);
	assert_string_not_equal(token_hash(&arena, "session", "word "), hash);
	assert_string_not_equal(token_hash(&arena, "session", ""), hash);
	assert_string_not_equal(token_hash(&arena, "state", "word"), hash);
	assert_string_not_equal(token_hash(&arena, "sessio", "nword"), hash);
	assert_string_not_equal(token_hash(&arena, "", "word"), hash);
}

/* Stored hashes must stay what they are: made by BLAKE2b-256 with the padded purpose as its key. */
static void a_hash_never_changes(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_string_equal(token_hash(&arena, "session", "word"),
			    "\\xfcafce29404f6159bc308fb5f151f0dfff6a0fa8231add83aaf09cfa611892af");
}

static void a_derived_word_depends_on_word_and_purpose(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *word = token_derive(&arena, "csrf of session", "word");
	assert_true(token_is_word(word));
	assert_string_equal(token_derive(&arena, "csrf of session", "word"), word);
	assert_string_not_equal(token_derive(&arena, "csrf of form", "word"), word);
	assert_string_not_equal(token_derive(&arena, "csrf of session", "other"), word);
	assert_string_not_equal(token_derive(&arena, "csrf of session", word), word);
	/* The purposes that the programs use keep their words apart. */
	static const char *const purposes[] = { "session", "csrf of session", "csrf of form",
						"oauth state", "receipt" };
	for (size_t i = 0; i < ARRAY_SIZE(purposes); i++) {
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(token_derive(&arena, purposes[i], "word"),
						token_derive(&arena, purposes[j], "word"));
	}
}

static void only_the_same_text_is_equal(void **state)
{
	(void)state;
	assert_true(token_equal("abc", "abc"));
	assert_true(token_equal("", ""));
	assert_false(token_equal("abc", "abd"));
	assert_false(token_equal("abc", "Abc"));
	assert_false(token_equal("abc", "ab"));
	assert_false(token_equal("ab", "abc"));
	assert_false(token_equal("abc", ""));
	assert_false(token_equal("", "abc"));
	assert_false(token_equal(NULL, "abc"));
	assert_false(token_equal("abc", NULL));
	assert_false(token_equal(NULL, NULL));
}

/* The test vector of TikTok's webhook signature (reference 5.4). */
static void the_webhook_signature_is_hmac_sha256(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const char key[] = "example_client_secret_0001";
	static const char body[] =
		"{\"client_key\":\"sbawexampleclient01\",\"event\":\"post.publish.complete\","
		"\"create_time\":1795000000,\"user_openid\":\"-000exampleOpenId01\",\"content\":"
		"\"{\\\"publish_id\\\":\\\"v_pub_file~v2-1.7000000000000000001\\\","
		"\\\"publish_type\\\":\\\"DIRECT_PUBLISH\\\"}\"}";
	assert_int_equal(strlen(body), 234);
	assert_string_equal(token_hmac_sha256(&arena, (struct secret){ key, strlen(key) },
					      "1795000003.", body, strlen(body)),
			    "e9b94691d7faf70e30a640a8c6962170ad790efb97264fd529eab47ee06039f4");
}

/* RFC 4231, cases 1, 2, 4, 6 and 7: keys shorter and longer than a block. */
static void hmac_keys_may_have_any_length(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	char key[131];
	memset(key, 0x0b, 20);
	assert_string_equal(
		token_hmac_sha256(&arena, (struct secret){ key, 20 }, "Hi There", "", 0),
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	assert_string_equal(token_hmac_sha256(&arena, (struct secret){ "Jefe", 4 },
					      "what do ya want ", "for nothing?", 12),
			    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	for (size_t i = 0; i < 25; i++)
		key[i] = (char)(i + 1);
	char data[50];
	memset(data, 0xcd, sizeof(data));
	assert_string_equal(
		token_hmac_sha256(&arena, (struct secret){ key, 25 }, "", data, sizeof(data)),
		"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
	memset(key, 0xaa, sizeof(key));
	assert_string_equal(token_hmac_sha256(&arena, (struct secret){ key, sizeof(key) },
					      "Test Using Larger ",
					      "Than Block-Size Key - Hash Key First", 36),
			    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void the_whole_body_is_signed(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct secret key = { "k", 1 };
	const char *digest = token_hmac_sha256(&arena, key, "1.", "a\0b", 3);
	assert_string_not_equal(token_hmac_sha256(&arena, key, "1.", "a\0c", 3), digest);
	assert_string_not_equal(token_hmac_sha256(&arena, key, "1.", "a\0b", 2), digest);
	assert_string_equal(token_hmac_sha256(&arena, key, "1.a", "\0b", 2), digest);
}

static void sha256_is_bytea_input(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_string_equal(token_sha256(&arena, "abc", 3),
			    "\\xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(token_sha256(&arena, "", 0),
			    "\\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* TikTok's form of PKCE is the hex digest (reference 1.3). */
static void a_code_challenge_is_the_hex_of_sha256(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *verifier = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
	assert_string_equal(token_sha256(&arena, verifier, strlen(verifier)) + 2,
			    "226a6209df29a7832f7823676c84bbf865c4b41d311791cc203a16aaf180e628");
}

static void jitter_varies(void **state)
{
	(void)state;
	uint32_t ones = 0, zeros = 0;
	for (int i = 0; i < 200; i++) {
		uint32_t random = token_random_u32();
		ones |= random;
		zeros |= ~random;
	}
	assert_true(ones == UINT32_MAX && zeros == UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_words_are_words_and_all_different),
		cmocka_unit_test(words_and_names_are_checked_byte_by_byte),
		cmocka_unit_test(a_hash_depends_on_word_and_purpose),
		cmocka_unit_test(a_hash_never_changes),
		cmocka_unit_test(a_derived_word_depends_on_word_and_purpose),
		cmocka_unit_test(only_the_same_text_is_equal),
		cmocka_unit_test(the_webhook_signature_is_hmac_sha256),
		cmocka_unit_test(hmac_keys_may_have_any_length),
		cmocka_unit_test(the_whole_body_is_signed),
		cmocka_unit_test(sha256_is_bytea_input),
		cmocka_unit_test(a_code_challenge_is_the_hex_of_sha256),
		cmocka_unit_test(jitter_varies),
	};
	token_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
