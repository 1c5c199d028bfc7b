/*
 * Every sealed box of the database, for the rotation of keys: opened to see that it can be, or sealed anew with the
 * key of today. For the role spg_publisher, which alone may read and write all of them. Nothing of a box is ever
 * logged or returned.
 */
#pragma once
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;
struct json_object;
struct secretbox_keys;

struct reseal_count {
	int64_t boxes;	    /* that were looked at */
	int64_t opened;	    /* of them */
	int64_t unknown;    /* sealed with a key that is not in the ring */
	int64_t unreadable; /* damaged, or of another place */
	int64_t resealed;   /* written anew; what changed in between was left alone */
};

/* Open every box, of the tokens of accounts and the upload addresses of live attempts. */
MUST_CHECK enum status reseal_verify(struct db *db, const struct secretbox_keys *keys,
				     struct reseal_count *ret_count);

/*
 * Seal anew, with the key that seals, every box of another key that can be opened. Each batch is a transaction of its
 * own and compares with what was opened, so that a refresh in between wins; it can be broken off and repeated
 * anywhere.
 */
MUST_CHECK enum status reseal_all(struct db *db, const struct secretbox_keys *keys,
				  struct reseal_count *ret_count);

/* An array of {"key_id", "kind", "boxes"}, which the caller puts. */
MUST_CHECK enum status reseal_by_key(struct db *db, struct json_object **ret_items);
