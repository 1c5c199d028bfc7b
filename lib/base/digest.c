/* Digests by libcrypto, which libpq brings with it. */
#include "base/digest.h"

#include <openssl/evp.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

struct digest {
	EVP_MD_CTX *context;
};

static const struct {
	const char *name;
	size_t size;
	const EVP_MD *(*make)(void);
} kinds[] = {
	[DIGEST_SHA1] = { "sha1", 20, EVP_sha1 },
	[DIGEST_SHA256] = { "sha256", 32, EVP_sha256 },
	[DIGEST_SHA512] = { "sha512", 64, EVP_sha512 },
};

enum status digest_kind_parse(const char *name, size_t length, enum digest_kind *ret_kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strlen(kinds[i].name) == length && memcmp(kinds[i].name, name, length) == 0) {
			*ret_kind = (enum digest_kind)i;
			return STATUS_OK;
		}
	}
	return STATUS_NOT_FOUND;
}

size_t digest_size(enum digest_kind kind)
{
	return kinds[kind].size;
}

struct digest *digest_new(enum digest_kind kind)
{
	struct digest *digest = calloc(1, sizeof(*digest));
	if (!digest)
		log_die("out_of_memory");
	digest->context = EVP_MD_CTX_new();
	if (!digest->context || EVP_DigestInit_ex(digest->context, kinds[kind].make(), NULL) != 1)
		log_die("digest_unusable kind=%s", kinds[kind].name);
	return digest;
}

void digest_free(struct digest *digest)
{
	if (!digest)
		return;
	EVP_MD_CTX_free(digest->context);
	free(digest);
}

void digest_update(struct digest *digest, const void *bytes, size_t size)
{
	if (EVP_DigestUpdate(digest->context, bytes, size) != 1)
		log_die("digest_not_updated");
}

void digest_end(struct digest *digest, unsigned char ret_bytes[static DIGEST_BYTES_MAX])
{
	unsigned length;
	if (EVP_DigestFinal_ex(digest->context, ret_bytes, &length) != 1)
		log_die("digest_not_ended");
}

void digest_end_hex(struct digest *digest, char ret_hex[static DIGEST_HEX_SIZE])
{
	unsigned char bytes[DIGEST_BYTES_MAX];
	digest_end(digest, bytes);
	sodium_bin2hex(ret_hex, DIGEST_HEX_SIZE, bytes, (size_t)EVP_MD_CTX_size(digest->context));
}
