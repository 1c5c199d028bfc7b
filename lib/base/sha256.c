/* By libsodium. */
#include "base/sha256.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/log.h"

struct sha256 {
	crypto_hash_sha256_state state;
};

struct sha256 *sha256_new(void)
{
	struct sha256 *hash = calloc(1, sizeof(*hash));
	if (!hash)
		log_die("out_of_memory");
	crypto_hash_sha256_init(&hash->state);
	return hash;
}

void sha256_free(struct sha256 *hash)
{
	free(hash);
}

void sha256_add(struct sha256 *hash, const void *bytes, size_t size)
{
	crypto_hash_sha256_update(&hash->state, bytes, size);
}

void sha256_end(struct sha256 *hash, char ret_hex[static SHA256_HEX_SIZE])
{
	unsigned char digest[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_final(&hash->state, digest);
	sodium_bin2hex(ret_hex, SHA256_HEX_SIZE, digest, sizeof(digest));
}
