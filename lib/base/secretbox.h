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

enum { SECRETBOX_KEY_ID_SIZE = 17 }; /* a key's id in hexadecimal, with an end */

/*
 * Load the public key, which seals, and, where secret_path is not NULL, the key ring that opens: one or more keys as
 * `spgctl keys` makes them, one a line, the newest last; the public key's own must be among them. They live in locked
 * memory as long as the process. Both files are read again when they have changed: the public one before each seal,
 * the ring when a box names a key that is not in it. So a rotation needs no restart where the files themselves are
 * read. STATUS_BROKEN (logged) when a file is missing or damaged, the two do not belong together, or memory cannot be
 * locked. Not for programs with threads.
 */
MUST_CHECK enum status secretbox_load(const char *public_path, const char *secret_path,
				      struct secretbox_keys **ret_keys);

/* Make a pair; both as one line of text in the arena, for the two files. */
void secretbox_generate(struct arena *arena, const char **ret_public, const char **ret_secret);

/*
 * The id of the key in a line of a secret file (without its end), and the line of the public file that belongs to it.
 * STATUS_BROKEN when it is no key.
 */
MUST_CHECK enum status secretbox_secret_line(struct arena *arena, const char *line,
					     char ret_id[static SECRETBOX_KEY_ID_SIZE],
					     const char **ret_public);

/* The id of the key that seals; ids of the ring, at most max of them, the newest last, and how many there are. */
void secretbox_sealing_id(const struct secretbox_keys *keys,
			  char ret_id[static SECRETBOX_KEY_ID_SIZE]);
size_t secretbox_ring_ids(const struct secretbox_keys *keys, char (*ids)[SECRETBOX_KEY_ID_SIZE],
			  size_t max);

/* Seal secret for place; ret_sealed is bytea input ("\x...") in the arena. */
void secretbox_seal(struct arena *arena, const struct secretbox_keys *keys,
		    struct secretbox_place place, struct secret secret, const char **ret_sealed);

/*
 * Open what secretbox_seal made (bytea output as PostgreSQL prints it). The secret lies in the arena. STATUS_CONFLICT:
 * sealed with a key that is not in the ring, nor in its file now: this process is older than a rotation, or has the
 * wrong file; another may be able to, so the box is to be left alone. STATUS_DENIED when it was sealed for another
 * place or changed, STATUS_BROKEN when the format is unknown or no secret key is loaded. All logged without the
 * content.
 */
MUST_CHECK enum status secretbox_open(struct arena *arena, const struct secretbox_keys *keys,
				      struct secretbox_place place, const char *sealed,
				      struct secret *ret_secret);
