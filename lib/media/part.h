/*
 * The file of one upload. While it grows it is parts/ID.part and its length is the offset; when it is
 * whole it becomes videos/ID. A lock on it keeps two writers apart, those of other processes too; it
 * ends with the process that holds it. Whoever needs a locked part writes parts/ID.want, and the
 * holder lets go (media/holder.h).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/status.h"

enum {
	PART_ID_SIZE = 23,   /* an id of token_name() and its end */
	PART_NAME_SIZE = 40, /* the longest file name made of one */
};

/*
 * Bytes that writing leaves free on the disk at any time: the database may live there too, and dies
 * without. A new upload has to leave media_reserve_gb.
 */
#define PART_FREE_TO_WRITE (INT64_C(250) * 1000 * 1000)

/* Directories below media_dir, as descriptors. */
struct part_store {
	int parts, videos, frames;
};

struct part {
	const struct part_store *store;
	char id[PART_ID_SIZE];
	int fd;		/* -1: none */
	bool sealed;	/* it is videos/ID: complete, only read */
	bool dirty;	/* has bytes that may not be on the disk; its mode says so to others */
	bool named;	/* its name is on the disk */
	bool failed;	/* the disk has refused bytes; the kernel tells that once */
	int64_t length; /* bytes it holds */
	int64_t synced; /* of these, safe on disk */
	int64_t written_back; /* of these, on the way to the disk */
};

#define PART_INIT                                                                                  \
	{                                                                                          \
		.fd = -1                                                                           \
	}

/* Open the directories; they stay open. STATUS_BROKEN (logged) when one is missing or closed to us. */
MUST_CHECK enum status part_store_open(const char *media_dir, struct part_store *ret_store);

/* True when a new upload of length bytes fits on the disk and reserve_gb (of 10^9 bytes) stay free. */
bool part_store_has_room(const struct part_store *store, int64_t length, int64_t reserve_gb);

/* The name of the file that belongs to id with this suffix, for openat in a directory of the store. */
void part_name(char name[static PART_NAME_SIZE], const char *id, const char *suffix);

/* Make an empty part for a new id, locked. The caller closes. STATUS_REFUSED: disk full. */
MUST_CHECK enum status part_create(const struct part_store *store, const char *id,
				   struct part *ret_part);

/*
 * Open and lock the part or video of id, which must be a name (token_is_name). Another holder is
 * asked to let go and waited for, at most wait_ms; 0 asks nobody. The caller closes.
 * STATUS_NOT_FOUND: no such file; STATUS_CONFLICT: the holder did not let go.
 */
MUST_CHECK enum status part_open(const struct part_store *store, const char *id, int wait_ms,
				 struct part *ret_part);

/* The length of the part or video of id, without a lock. */
MUST_CHECK enum status part_length(const struct part_store *store, const char *id,
				   int64_t *ret_length);

/*
 * Append bytes. part->length grows by what was written, in any case.
 * STATUS_REFUSED: the disk is full, or nearly (PART_FREE_TO_WRITE).
 */
MUST_CHECK enum status part_append(struct part *part, const void *bytes, size_t size);

/* The same with pieces of memory, one after the other. */
MUST_CHECK enum status part_append_pieces(struct part *part, const struct iovec *pieces,
					  size_t count);

/* Append size bytes of another file from offset on, without reading them where the system can. The same. */
MUST_CHECK enum status part_append_file(struct part *part, int file, int64_t offset, int64_t size);

/* Give up all bytes but the first length. They are gone for good when it returns STATUS_OK. */
MUST_CHECK enum status part_cut(struct part *part, int64_t length);

/*
 * Another process is going to write to part->fd: until part_sync() nobody takes its bytes for safe.
 * Set part->length before that.
 */
MUST_CHECK enum status part_lend(struct part *part);

/*
 * Make all bytes safe, and the name of a part that has some. Costs nothing when they are. Where that
 * fails the part is cut back to what was safe before, so that no offset is told that a power cut
 * could take back.
 */
MUST_CHECK enum status part_sync(struct part *part);

/* The part is whole; a program of another user, in the same group, is to seal it. */
MUST_CHECK enum status part_hand_over(struct part *part);

/* The part is whole and synced: make it videos/ID, readable for all who may enter the directory. */
MUST_CHECK enum status part_seal(struct part *part);

/* True when somebody has removed the file although it is locked: the janitor does. */
bool part_is_gone(const struct part *part);

/* Remove the file from wherever it is, and the request for it. Harmless when it is gone. */
void part_remove(const struct part_store *store, const char *id);

/* Release the lock. */
void part_close(struct part *part);
static inline void part_cleanup(struct part *part)
{
	part_close(part);
}

/* True while somebody asks for the part of id. */
bool part_is_wanted(const struct part_store *store, const char *id);
