/*
 * Digests of data that comes in pieces. Not for secrets (base/token.h): they find damage on the way, and
 * files that are the same.
 */
#pragma once
#include <stddef.h>

#include "base/status.h"

enum digest_kind { DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA512 };

#define DIGEST_NAMES "sha1,sha256,sha512" /* as digest_kind_parse() takes them */

enum { DIGEST_BYTES_MAX = 64, DIGEST_HEX_SIZE = 2 * DIGEST_BYTES_MAX + 1 };

struct digest;

/* The kind that the first length bytes of name mean. STATUS_NOT_FOUND: none of ours. */
MUST_CHECK enum status digest_kind_parse(const char *name, size_t length,
					 enum digest_kind *ret_kind);

/* Bytes of such a digest. */
size_t digest_size(enum digest_kind kind);

/* Begin; the caller frees (NULL is fine). Never NULL: out of memory ends the process. */
struct digest *digest_new(enum digest_kind kind);
void digest_free(struct digest *digest);
DEFINE_CLEANUP(struct digest *, digest_free)

/* Add the next piece. */
void digest_update(struct digest *digest, const void *bytes, size_t size);

/* The digest of all pieces, digest_size() bytes. Nothing can be added afterwards. */
void digest_end(struct digest *digest, unsigned char ret_bytes[static DIGEST_BYTES_MAX]);

/* The same in lower-case hexadecimal, with an end. */
void digest_end_hex(struct digest *digest, char ret_hex[static DIGEST_HEX_SIZE]);
