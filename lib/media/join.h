/*
 * Joining partial uploads. The file of each is linked under the final upload's own id (parts/ID.01,
 * parts/ID.02, ...), so that expiry or removal of the partial ones cannot hurt; then their bytes are
 * appended to the final's part, whose length tells how far that has come: a kill anywhere resumes.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct part;
struct part_store;

/*
 * Link a partial upload's file, which is whole and locked, as number (from 1) of the final id.
 * STATUS_NOT_FOUND: it was removed meanwhile; STATUS_REFUSED: disk full. Not durable before the next
 * sidecar_write().
 */
MUST_CHECK enum status join_link(const struct part *partial, const char *id, size_t number);

/*
 * Go on appending the count links of a final upload to its part, which is locked, for about so many
 * milliseconds, and not when somebody else wants the part. All is done when part->length is the sum.
 * What it has come to is safe. STATUS_REFUSED: disk full; STATUS_BROKEN (logged): a link is missing.
 */
MUST_CHECK enum status join_step(struct part *part, size_t count, int64_t milliseconds);

/* Remove all links of a final upload. Harmless where there are none. STATUS_BROKEN (logged). */
MUST_CHECK enum status join_unlink(const struct part_store *store, const char *id);
