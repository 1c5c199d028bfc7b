/*
 * A ZIP archive as it is written, from the first byte to the last, with little memory whatever its size: ZIP64 where
 * numbers ask for it, names in UTF-8. Text is deflated, videos are stored as they are. (PKWARE APPNOTE 6.3.)
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/status.h"

struct bundle;

enum { BUNDLE_SIZE_UNKNOWN = -1 };

/* In all of these: STATUS_REFUSED: the disk is full; STATUS_BROKEN (logged): anything else. */

/* Make a file in a folder, which must not be there; nobody else may read it until it is finished. The caller closes. */
MUST_CHECK enum status bundle_create(int folder, const char *file, struct bundle **ret_bundle);

/*
 * Begin an entry; path as in base of the archive, unique and safe (export/entry_name.h). size: bytes to be stored as
 * they are, or BUNDLE_SIZE_UNKNOWN: deflated. changed: Unix time, s.
 */
MUST_CHECK enum status bundle_begin(struct bundle *bundle, const char *path, int64_t size,
				    int64_t changed);
MUST_CHECK enum status bundle_write(struct bundle *bundle, const void *bytes, size_t size);
/* Bytes of the open entry so far. */
int64_t bundle_entry_size(const struct bundle *bundle);
/* End the entry; what it holds, as SHA-256. */
MUST_CHECK enum status bundle_end(struct bundle *bundle, char ret_sha256[static DIGEST_HEX_SIZE]);

/* Write the directory of the archive, have all of it on the disk, and open it to the group. */
MUST_CHECK enum status bundle_finish(struct bundle *bundle, int64_t *ret_size);

/* Free it; the file stays, whatever it holds. */
void bundle_close(struct bundle *bundle);
DEFINE_CLEANUP(struct bundle *, bundle_close)
