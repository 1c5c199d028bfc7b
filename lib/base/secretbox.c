/* Sealing and opening. */
#include "base/secretbox.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <sodium.h>

#include "base/arena.h"
#include "base/log.h"

enum {
	FORMAT = 1,
	KEY_ID_BYTES = 8,
	PREFIX_BYTES = 3 + 1 + KEY_ID_BYTES,
	HEADER_BYTES = 1 + 1 + 3 * 8,
	SEALED_MAX_BYTES = 64 * 1024,
	RING_MAX = 16,
	PATH_BYTES = 1024,
};

static const char public_label[] = "spg-token-public-1:";
static const char secret_label[] = "spg-token-secret-1:";

struct ring_key {
	unsigned char id[KEY_ID_BYTES];
	unsigned char public_key[crypto_box_PUBLICKEYBYTES];
	unsigned char secret_key[crypto_box_SECRETKEYBYTES];
};

/* What tells that a file is not the one that was read. */
struct file_mark {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct ring {
	struct ring_key keys[RING_MAX];
	size_t count; /* 0: can only seal */
	unsigned char seal_id[KEY_ID_BYTES];
	unsigned char seal_key[crypto_box_PUBLICKEYBYTES];
	struct file_mark public_mark, secret_mark;
};

/* All of it in locked memory, for as long as the process. */
struct secretbox_keys {
	struct ring *ring;
	char public_path[PATH_BYTES], secret_path[PATH_BYTES]; /* the latter "": no ring */
};

static struct file_mark mark_of(const char *path)
{
	struct stat about;
	if (stat(path, &about) != 0)
		return (struct file_mark){ 0 };
	return (struct file_mark){ about.st_dev, about.st_ino, about.st_size, about.st_mtim };
}

static bool same_file(const struct file_mark *a, const struct file_mark *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* label and 64 hexadecimal digits. */
static enum status key_parse(const char *text, size_t text_length, const char *label,
			     unsigned char *key, size_t size)
{
	size_t label_length = strlen(label), length = 0;
	if (text_length > label_length && memcmp(text, label, label_length) == 0 &&
	    sodium_hex2bin(key, size, text + label_length, text_length - label_length, NULL,
			   &length, NULL) == 0 &&
	    length == size)
		return STATUS_OK;
	return STATUS_BROKEN;
}

static enum status key_bad(const char *path, const char *label)
{
	log_error("token_key_bad file=%s expected=%s<64 hex digits>", path, label);
	return STATUS_BROKEN;
}

static void key_id(const unsigned char *public_key, unsigned char *id)
{
	unsigned char hash[32];
	crypto_generichash(hash, sizeof(hash), public_key, crypto_box_PUBLICKEYBYTES, NULL, 0);
	memcpy(id, hash, KEY_ID_BYTES);
}

static enum status ring_key_parse(const char *line, size_t length, struct ring_key *ret_key)
{
	struct ring_key key;
	enum status st =
		key_parse(line, length, secret_label, key.secret_key, sizeof(key.secret_key));
	if (st == STATUS_OK && crypto_scalarmult_base(key.public_key, key.secret_key) != 0)
		st = STATUS_BROKEN;
	if (st == STATUS_OK) {
		key_id(key.public_key, key.id);
		*ret_key = key;
	}
	sodium_memzero(&key, sizeof(key));
	return st;
}

static enum status ring_parse(struct ring *ring, const char *path, const struct secret *text)
{
	size_t count = 0;
	for (const char *line = text->bytes, *end = line + text->length; line < end;) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t length = (size_t)((stop ? stop : end) - line);
		if (count == RING_MAX ||
		    ring_key_parse(line, length, &ring->keys[count]) != STATUS_OK)
			return key_bad(path, secret_label);
		count++;
		line += length + 1;
	}
	ring->count = count;
	return STATUS_OK;
}

static enum status ring_read(struct ring *ring, const char *path)
{
	struct secret text;
	/* Taken before reading: a change in between is then seen the next time. */
	struct file_mark mark = mark_of(path);
	enum status st = secret_load(path, &text);
	if (st != STATUS_OK)
		return st;
	st = ring_parse(ring, path, &text);
	sodium_free((void *)(uintptr_t)text.bytes);
	if (st == STATUS_OK)
		ring->secret_mark = mark;
	return st;
}

/* Of all 32 bytes a few are no usable key (of low order): better found now than at the first seal. */
static bool can_seal(const unsigned char *key)
{
	unsigned char nothing[crypto_box_SEALBYTES];
	return crypto_box_seal(nothing, NULL, 0, key) == 0;
}

static enum status seal_key_read(struct ring *ring, const char *path)
{
	struct secret text;
	unsigned char key[crypto_box_PUBLICKEYBYTES];
	struct file_mark mark = mark_of(path);
	enum status st = secret_load(path, &text);
	if (st != STATUS_OK)
		return st;
	st = key_parse(text.bytes, text.length, public_label, key, sizeof(key));
	sodium_free((void *)(uintptr_t)text.bytes);
	if (st != STATUS_OK)
		return key_bad(path, public_label);
	if (!can_seal(key)) {
		log_error("token_key_bad file=%s problem=not a usable key", path);
		return STATUS_BROKEN;
	}
	memcpy(ring->seal_key, key, sizeof(key));
	key_id(key, ring->seal_id);
	ring->public_mark = mark;
	return STATUS_OK;
}

static const struct ring_key *ring_find(const struct ring *ring, const unsigned char *id)
{
	for (size_t i = 0; i < ring->count; i++)
		if (memcmp(ring->keys[i].id, id, KEY_ID_BYTES) == 0)
			return &ring->keys[i];
	return NULL;
}

enum status secretbox_load(const char *public_path, const char *secret_path,
			   struct secretbox_keys **ret_keys)
{
	if (strlen(public_path) >= PATH_BYTES ||
	    (secret_path && strlen(secret_path) >= PATH_BYTES)) {
		log_error("token_key_path_too_long");
		return STATUS_BROKEN;
	}
	struct ring *ring = sodium_malloc(sizeof(*ring));
	if (!ring)
		log_die("out_of_memory");
	memset(ring, 0, sizeof(*ring));
	/* sodium_malloc succeeds without locking when RLIMIT_MEMLOCK is too small (B89). */
	if (secret_path && sodium_mlock(ring, sizeof(*ring)) != 0)
		log_warn("token_key_not_locked remedy=raise RLIMIT_MEMLOCK to 64 KiB or more");
	enum status st = seal_key_read(ring, public_path);
	if (st == STATUS_OK && secret_path)
		st = ring_read(ring, secret_path);
	if (st == STATUS_OK && secret_path && !ring_find(ring, ring->seal_id)) {
		log_error("token_keys_mismatch public=%s secret=%s", public_path, secret_path);
		st = STATUS_BROKEN;
	}
	if (st != STATUS_OK) {
		sodium_free(ring);
		return st;
	}
	struct secretbox_keys *keys = sodium_malloc(sizeof(*keys));
	if (!keys)
		log_die("out_of_memory");
	keys->ring = ring;
	snprintf(keys->public_path, PATH_BYTES, "%s", public_path);
	snprintf(keys->secret_path, PATH_BYTES, "%s", secret_path ? secret_path : "");
	*ret_keys = keys;
	return STATUS_OK;
}

void secretbox_generate(struct arena *arena, const char **ret_public, const char **ret_secret)
{
	unsigned char public_key[crypto_box_PUBLICKEYBYTES], secret_key[crypto_box_SECRETKEYBYTES];
	char hex[2 * crypto_box_SECRETKEYBYTES + 1];
	crypto_box_keypair(public_key, secret_key);
	sodium_bin2hex(hex, sizeof(hex), public_key, sizeof(public_key));
	*ret_public = arena_printf(arena, "%s%s\n", public_label, hex);
	sodium_bin2hex(hex, sizeof(hex), secret_key, sizeof(secret_key));
	*ret_secret = arena_printf(arena, "%s%s\n", secret_label, hex);
	sodium_memzero(secret_key, sizeof(secret_key));
	sodium_memzero(hex, sizeof(hex));
}

enum status secretbox_secret_line(struct arena *arena, const char *line,
				  char ret_id[static SECRETBOX_KEY_ID_SIZE],
				  const char **ret_public)
{
	struct ring_key key;
	char hex[2 * crypto_box_PUBLICKEYBYTES + 1];
	enum status st = ring_key_parse(line, strlen(line), &key);
	if (st != STATUS_OK)
		return st;
	sodium_bin2hex(ret_id, SECRETBOX_KEY_ID_SIZE, key.id, sizeof(key.id));
	sodium_bin2hex(hex, sizeof(hex), key.public_key, sizeof(key.public_key));
	*ret_public = arena_printf(arena, "%s%s\n", public_label, hex);
	sodium_memzero(&key, sizeof(key));
	return STATUS_OK;
}

void secretbox_sealing_id(const struct secretbox_keys *keys,
			  char ret_id[static SECRETBOX_KEY_ID_SIZE])
{
	sodium_bin2hex(ret_id, SECRETBOX_KEY_ID_SIZE, keys->ring->seal_id, KEY_ID_BYTES);
}

size_t secretbox_ring_ids(const struct secretbox_keys *keys, char (*ids)[SECRETBOX_KEY_ID_SIZE],
			  size_t max)
{
	for (size_t i = 0; i < keys->ring->count && i < max; i++)
		sodium_bin2hex(ids[i], SECRETBOX_KEY_ID_SIZE, keys->ring->keys[i].id, KEY_ID_BYTES);
	return keys->ring->count;
}

/* Another key may seal since. One that cannot be read leaves the old one in use. */
static void seal_key_follow(const struct secretbox_keys *keys)
{
	struct file_mark mark = mark_of(keys->public_path);
	if (same_file(&mark, &keys->ring->public_mark) || mark.inode == 0)
		return;
	if (seal_key_read(keys->ring, keys->public_path) == STATUS_OK)
		log_info("token_key_changed file=%s", keys->public_path);
}

/* The key of a box; the file is looked at again where it is not in the ring. */
static const struct ring_key *ring_find_now(const struct secretbox_keys *keys,
					    const unsigned char *id)
{
	const struct ring_key *found = ring_find(keys->ring, id);
	if (found)
		return found;
	struct file_mark mark = mark_of(keys->secret_path);
	if (same_file(&mark, &keys->ring->secret_mark) || mark.inode == 0)
		return NULL;
	/* Into a ring of its own first: a damaged file must not cost the keys at hand. */
	struct ring *fresh = sodium_malloc(sizeof(*fresh));
	if (!fresh)
		log_die("out_of_memory");
	memcpy(fresh, keys->ring, sizeof(*fresh));
	if (ring_read(fresh, keys->secret_path) == STATUS_OK) {
		memcpy(keys->ring, fresh, sizeof(*fresh));
		log_info("token_keys_read_again file=%s count=%zu", keys->secret_path,
			 keys->ring->count);
	}
	sodium_free(fresh);
	return ring_find(keys->ring, id);
}

static void put_int64(unsigned char *out, int64_t value)
{
	uint64_t bits = (uint64_t)value;
	for (int i = 7; i >= 0; i--, bits >>= 8)
		out[i] = (unsigned char)(bits & 0xff);
}

static void header_write(unsigned char *header, struct secretbox_place place)
{
	header[0] = FORMAT;
	header[1] = (unsigned char)place.kind;
	put_int64(header + 2, place.account_id);
	put_int64(header + 10, place.row_id);
	put_int64(header + 18, place.version);
}

void secretbox_seal(struct arena *arena, const struct secretbox_keys *keys,
		    struct secretbox_place place, struct secret secret, const char **ret_sealed)
{
	size_t plain_length = HEADER_BYTES + secret.length;
	seal_key_follow(keys);
	unsigned char *plain = arena_alloc(arena, plain_length);
	header_write(plain, place);
	memcpy(plain + HEADER_BYTES, secret.bytes, secret.length);

	size_t length = PREFIX_BYTES + plain_length + crypto_box_SEALBYTES;
	unsigned char *sealed = arena_alloc(arena, length);
	memcpy(sealed, "SPG", 3);
	sealed[3] = FORMAT;
	memcpy(sealed + 4, keys->ring->seal_id, KEY_ID_BYTES);
	if (crypto_box_seal(sealed + PREFIX_BYTES, plain, plain_length, keys->ring->seal_key) != 0)
		log_die("seal_failed");
	char *text = arena_alloc(arena, 2 + 2 * length + 1);
	memcpy(text, "\\x", 2);
	sodium_bin2hex(text + 2, 2 * length + 1, sealed, length);
	*ret_sealed = text;
}

enum status secretbox_open(struct arena *arena, const struct secretbox_keys *keys,
			   struct secretbox_place place, const char *sealed,
			   struct secret *ret_secret)
{
	size_t text_length = strlen(sealed), length = 0;
	const size_t least = PREFIX_BYTES + crypto_box_SEALBYTES + HEADER_BYTES;
	if (text_length < 2 || text_length > 2 * SEALED_MAX_BYTES ||
	    memcmp(sealed, "\\x", 2) != 0) {
		log_error("box_malformed account=%" PRId64, place.account_id);
		return STATUS_BROKEN;
	}
	unsigned char *box = arena_alloc(arena, text_length / 2 + 1);
	if (sodium_hex2bin(box, text_length / 2, sealed + 2, text_length - 2, NULL, &length,
			   NULL) != 0 ||
	    length < least || memcmp(box, "SPG", 3) != 0 || box[3] != FORMAT) {
		log_error("box_malformed account=%" PRId64, place.account_id);
		return STATUS_BROKEN;
	}
	if (!*keys->secret_path) {
		log_error("box_without_secret_key account=%" PRId64, place.account_id);
		return STATUS_BROKEN;
	}
	const struct ring_key *key = ring_find_now(keys, box + 4);
	if (!key) {
		char id[SECRETBOX_KEY_ID_SIZE];
		sodium_bin2hex(id, sizeof(id), box + 4, KEY_ID_BYTES);
		log_error("box_key_unknown account=%" PRId64
			  " key=%s file=%s remedy=give this program "
			  "the key that the box names, or restart it",
			  place.account_id, id, keys->secret_path);
		return STATUS_CONFLICT;
	}
	size_t plain_length = length - PREFIX_BYTES - crypto_box_SEALBYTES;
	unsigned char *plain = arena_alloc(arena, plain_length + 1);
	unsigned char expected[HEADER_BYTES];
	header_write(expected, place);
	if (crypto_box_seal_open(plain, box + PREFIX_BYTES, length - PREFIX_BYTES, key->public_key,
				 key->secret_key) != 0 ||
	    sodium_memcmp(plain, expected, HEADER_BYTES) != 0) {
		log_error("box_not_ours account=%" PRId64 " kind=%d", place.account_id,
			  (int)place.kind);
		return STATUS_DENIED;
	}
	*ret_secret =
		(struct secret){ (const char *)plain + HEADER_BYTES, plain_length - HEADER_BYTES };
	return STATUS_OK;
}
