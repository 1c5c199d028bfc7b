/* Unguessable words over libsodium. */
#include "base/token.h"

#include <string.h>

#include <sodium.h>

#include "base/arena.h"
#include "base/log.h"

enum { NAME_BYTES = 16, NAME_TEXT_LENGTH = 22 };

void token_init(void)
{
	if (sodium_init() < 0)
		log_die("libsodium_unusable");
}

static const char *random_text(struct arena *arena, size_t bytes)
{
	unsigned char random[TOKEN_BYTES];
	randombytes_buf(random, bytes);
	size_t size = sodium_base64_encoded_len(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *text = arena_alloc(arena, size);
	sodium_bin2base64(text, size, random, bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(random, sizeof(random));
	return text;
}

const char *token_new(struct arena *arena)
{
	return random_text(arena, TOKEN_BYTES);
}

const char *token_name(struct arena *arena)
{
	return random_text(arena, NAME_BYTES);
}

uint32_t token_random_u32(void)
{
	return randombytes_random();
}

static bool is_base64url(const char *text, size_t length)
{
	return text && strlen(text) == length &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
		       length;
}

bool token_is_word(const char *text)
{
	return is_base64url(text, TOKEN_TEXT_LENGTH);
}

bool token_is_name(const char *text)
{
	return is_base64url(text, NAME_TEXT_LENGTH);
}

static const char *bytea(struct arena *arena, const unsigned char *bytes, size_t length)
{
	char *text = arena_alloc(arena, 2 + 2 * length + 1);
	text[0] = '\\';
	text[1] = 'x';
	sodium_bin2hex(text + 2, 2 * length + 1, bytes, length);
	return text;
}

static void keyed_hash(unsigned char *hash, const char *purpose, const char *text)
{
	/* The purpose is the key: BLAKE2b takes keys of 16 bytes and more, so it is padded. */
	unsigned char key[32] = { 0 };
	memcpy(key, purpose, strnlen(purpose, sizeof(key)));
	crypto_generichash(hash, TOKEN_HASH_BYTES, (const unsigned char *)text, strlen(text), key,
			   sizeof(key));
}

const char *token_hash(struct arena *arena, const char *purpose, const char *text)
{
	unsigned char hash[TOKEN_HASH_BYTES];
	keyed_hash(hash, purpose, text);
	return bytea(arena, hash, sizeof(hash));
}

const char *token_derive(struct arena *arena, const char *purpose, const char *text)
{
	unsigned char hash[TOKEN_HASH_BYTES];
	keyed_hash(hash, purpose, text);
	size_t size =
		sodium_base64_encoded_len(sizeof(hash), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *word = arena_alloc(arena, size);
	sodium_bin2base64(word, size, hash, sizeof(hash), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return word;
}

bool token_equal(const char *a, const char *b)
{
	return a && b && strlen(a) == strlen(b) && sodium_memcmp(a, b, strlen(a)) == 0;
}

const char *token_hmac_sha256(struct arena *arena, struct secret key, const char *prefix,
			      const char *body, size_t body_length)
{
	crypto_auth_hmacsha256_state state;
	unsigned char digest[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.bytes, key.length);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)prefix, strlen(prefix));
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)body, body_length);
	crypto_auth_hmacsha256_final(&state, digest);
	sodium_memzero(&state, sizeof(state));
	char *hex = arena_alloc(arena, 2 * sizeof(digest) + 1);
	sodium_bin2hex(hex, 2 * sizeof(digest) + 1, digest, sizeof(digest));
	return hex;
}

const char *token_sha256(struct arena *arena, const void *bytes, size_t length)
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	crypto_hash_sha256(digest, bytes, length);
	return bytea(arena, digest, sizeof(digest));
}
