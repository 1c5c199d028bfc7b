/* Sealing and opening. */
#include "base/secretbox.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/arena.h"
#include "base/log.h"

enum {
	FORMAT = 1,
	KEY_ID_BYTES = 8,
	PREFIX_BYTES = 3 + 1 + KEY_ID_BYTES,
	HEADER_BYTES = 1 + 1 + 3 * 8,
	SEALED_MAX_BYTES = 64 * 1024,
};

static const char public_label[] = "spg-token-public-1:";
static const char secret_label[] = "spg-token-secret-1:";

struct secretbox_keys {
	unsigned char id[KEY_ID_BYTES];
	unsigned char public_key[crypto_box_PUBLICKEYBYTES];
	unsigned char secret_key[crypto_box_SECRETKEYBYTES];
	bool can_open;
};

static enum status key_from_file(const char *path, const char *label, unsigned char *key,
				 size_t size)
{
	struct secret text;
	enum status st = secret_load(path, &text);
	if (st != STATUS_OK)
		return st;
	size_t label_length = strlen(label), length = 0;
	st = STATUS_BROKEN;
	if (text.length > label_length && memcmp(text.bytes, label, label_length) == 0 &&
	    sodium_hex2bin(key, size, text.bytes + label_length, text.length - label_length, NULL,
			   &length, NULL) == 0 &&
	    length == size)
		st = STATUS_OK;
	else
		log_error("token_key_bad file=%s expected=%s<64 hex digits>", path, label);
	sodium_free((void *)(uintptr_t)text.bytes);
	return st;
}

static void key_id(const unsigned char *public_key, unsigned char *id)
{
	unsigned char hash[32];
	crypto_generichash(hash, sizeof(hash), public_key, crypto_box_PUBLICKEYBYTES, NULL, 0);
	memcpy(id, hash, KEY_ID_BYTES);
}

enum status secretbox_load(const char *public_path, const char *secret_path,
			   struct secretbox_keys **ret_keys)
{
	struct secretbox_keys *keys = sodium_malloc(sizeof(*keys));
	if (!keys)
		log_die("out_of_memory");
	memset(keys, 0, sizeof(*keys));
	/* sodium_malloc succeeds without locking when RLIMIT_MEMLOCK is too small (B89). */
	if (secret_path && sodium_mlock(keys, sizeof(*keys)) != 0)
		log_warn("token_key_not_locked remedy=raise RLIMIT_MEMLOCK to 64 KiB or more");
	enum status st = key_from_file(public_path, public_label, keys->public_key,
				       sizeof(keys->public_key));
	if (st == STATUS_OK && secret_path) {
		st = key_from_file(secret_path, secret_label, keys->secret_key,
				   sizeof(keys->secret_key));
		unsigned char derived[crypto_box_PUBLICKEYBYTES];
		if (st == STATUS_OK &&
		    (crypto_scalarmult_base(derived, keys->secret_key) != 0 ||
		     sodium_memcmp(derived, keys->public_key, sizeof(derived)) != 0)) {
			log_error("token_keys_mismatch public=%s secret=%s", public_path,
				  secret_path);
			st = STATUS_BROKEN;
		}
		keys->can_open = st == STATUS_OK;
	}
	/* Of all 32 bytes a few are no usable key (of low order): better found now than at the first seal. */
	unsigned char nothing[crypto_box_SEALBYTES];
	if (st == STATUS_OK && crypto_box_seal(nothing, NULL, 0, keys->public_key) != 0) {
		log_error("token_key_bad file=%s problem=not a usable key", public_path);
		st = STATUS_BROKEN;
	}
	if (st != STATUS_OK) {
		sodium_free(keys);
		return st;
	}
	key_id(keys->public_key, keys->id);
	*ret_keys = keys;
	return STATUS_OK;
}

void secretbox_generate(struct arena *arena, const char **ret_public, const char **ret_secret)
{
	unsigned char public_key[crypto_box_PUBLICKEYBYTES], secret_key[crypto_box_SECRETKEYBYTES];
	char hex[2 * crypto_box_SECRETKEYBYTES + 1];
	crypto_box_keypair(public_key, secret_key);
	sodium_bin2hex(hex, sizeof(hex), public_key, sizeof(public_key));
	*ret_public = arena_printf(arena, "%s%s\n", public_label, hex);
	sodium_bin2hex(hex, sizeof(hex), secret_key, sizeof(secret_key));
	*ret_secret = arena_printf(arena, "%s%s\n", secret_label, hex);
	sodium_memzero(secret_key, sizeof(secret_key));
	sodium_memzero(hex, sizeof(hex));
}

static void put_int64(unsigned char *out, int64_t value)
{
	uint64_t bits = (uint64_t)value;
	for (int i = 7; i >= 0; i--, bits >>= 8)
		out[i] = (unsigned char)(bits & 0xff);
}

static void header_write(unsigned char *header, struct secretbox_place place)
{
	header[0] = FORMAT;
	header[1] = (unsigned char)place.kind;
	put_int64(header + 2, place.account_id);
	put_int64(header + 10, place.row_id);
	put_int64(header + 18, place.version);
}

void secretbox_seal(struct arena *arena, const struct secretbox_keys *keys,
		    struct secretbox_place place, struct secret secret, const char **ret_sealed)
{
	size_t plain_length = HEADER_BYTES + secret.length;
	unsigned char *plain = arena_alloc(arena, plain_length);
	header_write(plain, place);
	memcpy(plain + HEADER_BYTES, secret.bytes, secret.length);

	size_t length = PREFIX_BYTES + plain_length + crypto_box_SEALBYTES;
	unsigned char *sealed = arena_alloc(arena, length);
	memcpy(sealed, "SPG", 3);
	sealed[3] = FORMAT;
	memcpy(sealed + 4, keys->id, KEY_ID_BYTES);
	if (crypto_box_seal(sealed + PREFIX_BYTES, plain, plain_length, keys->public_key) != 0)
		log_die("seal_failed");
	char *text = arena_alloc(arena, 2 + 2 * length + 1);
	memcpy(text, "\\x", 2);
	sodium_bin2hex(text + 2, 2 * length + 1, sealed, length);
	*ret_sealed = text;
}

enum status secretbox_open(struct arena *arena, const struct secretbox_keys *keys,
			   struct secretbox_place place, const char *sealed,
			   struct secret *ret_secret)
{
	size_t text_length = strlen(sealed), length = 0;
	const size_t least = PREFIX_BYTES + crypto_box_SEALBYTES + HEADER_BYTES;
	if (text_length < 2 || text_length > 2 * SEALED_MAX_BYTES ||
	    memcmp(sealed, "\\x", 2) != 0) {
		log_error("box_malformed account=%" PRId64, place.account_id);
		return STATUS_BROKEN;
	}
	unsigned char *box = arena_alloc(arena, text_length / 2 + 1);
	if (sodium_hex2bin(box, text_length / 2, sealed + 2, text_length - 2, NULL, &length,
			   NULL) != 0 ||
	    length < least || memcmp(box, "SPG", 3) != 0 || box[3] != FORMAT) {
		log_error("box_malformed account=%" PRId64, place.account_id);
		return STATUS_BROKEN;
	}
	if (!keys->can_open || memcmp(box + 4, keys->id, KEY_ID_BYTES) != 0) {
		log_error("box_key_unknown account=%" PRId64, place.account_id);
		return STATUS_BROKEN;
	}
	size_t plain_length = length - PREFIX_BYTES - crypto_box_SEALBYTES;
	unsigned char *plain = arena_alloc(arena, plain_length + 1);
	unsigned char expected[HEADER_BYTES];
	header_write(expected, place);
	if (crypto_box_seal_open(plain, box + PREFIX_BYTES, length - PREFIX_BYTES, keys->public_key,
				 keys->secret_key) != 0 ||
	    sodium_memcmp(plain, expected, HEADER_BYTES) != 0) {
		log_error("box_not_ours account=%" PRId64 " kind=%d", place.account_id,
			  (int)place.kind);
		return STATUS_DENIED;
	}
	*ret_secret =
		(struct secret){ (const char *)plain + HEADER_BYTES, plain_length - HEADER_BYTES };
	return STATUS_OK;
}
