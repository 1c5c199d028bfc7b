/* Random ids, hashes and constant-time comparison. "Token" in the sense of an unguessable word. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"

struct arena;

enum {
	TOKEN_BYTES = 32,	/* entropy of session ids, states, receipts */
	TOKEN_TEXT_LENGTH = 43, /* the same as base64url without padding */
	TOKEN_HASH_BYTES = 32,
};

/* Must be called before anything else of libsodium; ends the process when it fails. */
void token_init(void);

/* A new random word of TOKEN_TEXT_LENGTH characters of base64url. */
const char *token_new(struct arena *arena);

/* A new random file or address name: 128 bits as 22 characters of base64url. */
const char *token_name(struct arena *arena);

/* A random number, for jitter. */
uint32_t token_random_u32(void);

/* True for exactly TOKEN_TEXT_LENGTH (or, for names, 22) characters of base64url. */
bool token_is_word(const char *text);
bool token_is_name(const char *text);

/*
 * What the database stores of a word: its BLAKE2b-256 hash under a purpose, as bytea input ("\x...").
 * Purposes keep a session id from passing as a state. purpose: at most 32 characters.
 */
const char *token_hash(struct arena *arena, const char *purpose, const char *text);

/* The word derived from another one, e.g. the CSRF token of a session. */
const char *token_derive(struct arena *arena, const char *purpose, const char *text);

/* Equal in constant time for equal lengths. NULL equals nothing. */
bool token_equal(const char *a, const char *b);

/* Lower-case hex of HMAC-SHA256(key, prefix + body). */
const char *token_hmac_sha256(struct arena *arena, struct secret key, const char *prefix,
			      const char *body, size_t body_length);

/* SHA-256 of bytes as bytea input ("\x..."), for dedupe keys. */
const char *token_sha256(struct arena *arena, const void *bytes, size_t length);
