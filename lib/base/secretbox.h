/*
 * Sealed boxes for tokens and upload addresses (design 4, B84-B87). Whoever holds the public key can
 * only seal; the secret key opens. The plaintext names the row and field it belongs to, so that a
 * box moved to another row, field, account or attempt does not open.
 *
 * Stored form: "SPG", format (1 byte), key id (8 bytes), box of crypto_box_seal.
 */
#pragma once
#include <stdint.h>

#include "base/secret.h"

struct arena;

enum secretbox_kind {
	SECRETBOX_ACCESS_TOKEN = 1,
	SECRETBOX_REFRESH_TOKEN = 2,
	SECRETBOX_UPLOAD_ADDRESS = 3,
};

/* Where a box belongs. All of it is inside the box and must be the same when it is opened. */
struct secretbox_place {
	enum secretbox_kind kind;
	int64_t account_id;
	int64_t row_id; /* the attempt's id for an upload address, else 0 */
	int64_t version; /* of the account's tokens: grows with each new pair; 0 for an upload address */
};

struct secretbox_keys;

/*
 * Load the public key and, where secret_path is not NULL, the secret key as made by token_keys.
 * The keys live in locked memory as long as the process. STATUS_BROKEN (logged) when a file is
 * missing or damaged, the two do not belong together, or memory cannot be locked.
 */
MUST_CHECK enum status secretbox_load(const char *public_path, const char *secret_path,
				      struct secretbox_keys **ret_keys);

/* Make a pair; both as one line of text in the arena, for the two files. */
void secretbox_generate(struct arena *arena, const char **ret_public, const char **ret_secret);

/* Seal secret for place; ret_sealed is bytea input ("\x...") in the arena. */
void secretbox_seal(struct arena *arena, const struct secretbox_keys *keys,
		    struct secretbox_place place, struct secret secret, const char **ret_sealed);

/*
 * Open what secretbox_seal made (bytea output as PostgreSQL prints it). The secret lies in the arena.
 * STATUS_DENIED when it was sealed for another place or changed, STATUS_BROKEN when the format or
 * key id is unknown or no secret key is loaded; both logged without the content.
 */
MUST_CHECK enum status secretbox_open(struct arena *arena, const struct secretbox_keys *keys,
				      struct secretbox_place place, const char *sealed,
				      struct secret *ret_secret);
