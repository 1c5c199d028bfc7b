/* SHA-256 of data that comes in pieces. */
#pragma once
#include <stddef.h>

#include "base/status.h"

enum { SHA256_HEX_SIZE = 65 }; /* 64 digits and the end */

struct sha256;

/* Begin; the caller frees. Never NULL: out of memory ends the process. */
struct sha256 *sha256_new(void);
/* Free it; NULL is fine. */
void sha256_free(struct sha256 *hash);
DEFINE_CLEANUP(struct sha256 *, sha256_free)

/* Add a piece, of any size. */
void sha256_add(struct sha256 *hash, const void *bytes, size_t size);

/* The hash of all pieces, in lower-case hexadecimal. Nothing can be added afterwards. */
void sha256_end(struct sha256 *hash, char ret_hex[static SHA256_HEX_SIZE]);
