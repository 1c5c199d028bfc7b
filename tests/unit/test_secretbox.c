/* Sealed boxes: they open at their own place, with their own key, unchanged, or not at all. */
#include "unit.h"

#include <sodium.h>

#include "base/secretbox.h"
#include "base/token.h"

static struct secretbox_keys *keys, *public_only, *other_keys;
static const char *public_text, *secret_text;

static const struct secretbox_place place = {
	.kind = SECRETBOX_REFRESH_TOKEN,
	.account_id = 7,
	.row_id = 0,
	.version = 3,
};
static const char token[] = "rft.example!4567.va";

/* Load the two texts as files; secret may be NULL. */
static enum status load(struct arena *arena, const char *public, const char *secret,
			struct secretbox_keys **ret_keys)
{
	const char *public_path = scratch_file(arena, public, strlen(public));
	const char *secret_path = secret ? scratch_file(arena, secret, strlen(secret)) : NULL;
	enum status st = secretbox_load(public_path, secret_path, ret_keys);
	unlink(public_path);
	if (secret_path)
		unlink(secret_path);
	return st;
}

static int make_keys(void **state)
{
	static struct arena arena;
	(void)state;
	const char *other_public, *other_secret;
	secretbox_generate(&arena, &public_text, &secret_text);
	secretbox_generate(&arena, &other_public, &other_secret);
	assert_status(load(&arena, public_text, secret_text, &keys), STATUS_OK);
	assert_status(load(&arena, public_text, NULL, &public_only), STATUS_OK);
	assert_status(load(&arena, other_public, other_secret, &other_keys), STATUS_OK);
	return 0;
}

static const char *seal(struct arena *arena)
{
	const char *sealed;
	secretbox_seal(arena, public_only, place, (struct secret){ token, strlen(token) }, &sealed);
	return sealed;
}

/* The status; the log is captured, and must hold neither the box nor the token. */
static enum status open_with(struct arena *arena, const struct secretbox_keys *with,
			     struct secretbox_place where, const char *sealed)
{
	struct secret secret = { "untouched", 9 };
	log_capture();
	enum status st = secretbox_open(arena, with, where, sealed, &secret);
	const char *log = log_captured(arena);
	assert_lacks(log, token);
	if (strlen(sealed) > 30)
		assert_lacks(log, sealed + 26);
	if (st != STATUS_OK) {
		assert_string_equal(secret.bytes, "untouched");
		assert_contains(log, "account=");
	}
	return st;
}

static void what_was_sealed_opens_at_its_place(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct secret secret;
	assert_status(secretbox_open(&arena, keys, place, seal(&arena), &secret), STATUS_OK);
	assert_int_equal(secret.length, strlen(token));
	assert_string_equal(secret.bytes, token);
}

static void secrets_of_any_bytes_and_length_come_back(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const size_t lengths[] = { 0, 1, 31, 32, 33, 256, 8192, 60000 };
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		char *bytes = arena_alloc(&arena, lengths[i] + 1);
		for (size_t j = 0; j < lengths[i]; j++)
			bytes[j] = (char)(j * 7 + i);
		const char *sealed;
		struct secret secret;
		secretbox_seal(&arena, keys, place, (struct secret){ bytes, lengths[i] }, &sealed);
		assert_status(secretbox_open(&arena, keys, place, sealed, &secret), STATUS_OK);
		assert_int_equal(secret.length, lengths[i]);
		assert_memory_equal(secret.bytes, bytes, lengths[i] + 1);
	}
}

static void no_two_boxes_are_alike(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *first = seal(&arena), *second = seal(&arena);
	assert_string_not_equal(first, second);
	assert_int_equal(strlen(first), strlen(second));
	assert_lacks(first, "rft");
}

static void the_stored_form_has_magic_version_and_key_id(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *first = seal(&arena), *second = seal(&arena);
	/* "SPG", 1 */
	assert_memory_equal(first, "\\x53504701", 10);
	/* The key id is the same for the same key ... */
	assert_memory_equal(first, second, 10 + 16);
	/* ... and another for another. */
	const char *other;
	secretbox_seal(&arena, other_keys, place, (struct secret){ "x", 1 }, &other);
	assert_memory_not_equal(first + 10, other + 10, 16);
}

static void a_box_moved_to_another_place_is_refused(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *sealed = seal(&arena);
	struct secretbox_place moved[] = { place, place, place, place, place, place, place };
	moved[0].kind = SECRETBOX_ACCESS_TOKEN;
	moved[1].kind = SECRETBOX_UPLOAD_ADDRESS;
	moved[2].account_id = 8;
	moved[3].account_id = -7;
	moved[4].row_id = 1;
	moved[5].version = 4;
	moved[6].version = 2;
	for (size_t i = 0; i < ARRAY_SIZE(moved); i++)
		assert_status(open_with(&arena, keys, moved[i], sealed), STATUS_DENIED);
	/* Numbers do not flow into each other. */
	struct secretbox_place swapped = { place.kind, place.version, place.row_id,
					   place.account_id };
	assert_status(open_with(&arena, keys, swapped, sealed), STATUS_DENIED);
	assert_status(open_with(&arena, keys, place, sealed), STATUS_OK);
}

static void every_flipped_bit_is_refused(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *sealed = seal(&arena);
	size_t bytes = (strlen(sealed) - 2) / 2;
	for (size_t i = 0; i < bytes; i++) {
		for (int bit = 0; bit < 8; bit++) {
			CLEANUP(arena) struct arena scratch = { 0 };
			char *changed = arena_strdup(&scratch, sealed);
			unsigned char byte;
			assert_int_equal(
				sodium_hex2bin(&byte, 1, changed + 2 + 2 * i, 2, NULL, NULL, NULL),
				0);
			char hex[3];
			snprintf(hex, sizeof(hex), "%02x", byte ^ (1u << bit));
			memcpy(changed + 2 + 2 * i, hex, 2);
			/* In the header what it is is unknown; in the box it is somebody else's. */
			assert_status(open_with(&scratch, keys, place, changed),
				      i < 4    ? STATUS_BROKEN
				      : i < 12 ? STATUS_CONFLICT
					       : STATUS_DENIED);
		}
	}
}

static void every_cut_is_refused(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *sealed = seal(&arena);
	for (size_t length = 0; length < strlen(sealed); length++) {
		CLEANUP(arena) struct arena scratch = { 0 };
		const char *cut = arena_strndup(&scratch, sealed, length);
		assert_true(open_with(&scratch, keys, place, cut) != STATUS_OK);
	}
	assert_true(open_with(&arena, keys, place, arena_printf(&arena, "%s00", sealed)) !=
		    STATUS_OK);
}

static void what_is_no_box_is_refused(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	char *huge = arena_alloc(&arena, 400003);
	memset(huge, '0', 400002);
	memcpy(huge, "\\x", 2);
	const char *sealed = seal(&arena);
	const char *const bad[] = {
		"",
		"\\",
		"\\x",
		"\\x5",
		"\\x53504701",
		"rft.example!4567.va",
		"\\xzz504701",
		huge,
		sealed + 2,
		arena_printf(&arena, "x%s", sealed),
		arena_printf(&arena, "%s ", sealed),
		arena_printf(&arena, "%sg0", sealed),
		arena_printf(&arena, "%s0", sealed),
		/* PostgreSQL's other output form. */
		"SPG\\001\\000",
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_status(open_with(&arena, keys, place, bad[i]), STATUS_BROKEN);
}

static void another_key_does_not_open(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *sealed = seal(&arena);
	assert_status(open_with(&arena, other_keys, place, sealed), STATUS_CONFLICT);
	/* Nor with its own key id written over. */
	const char *other;
	secretbox_seal(&arena, other_keys, place, (struct secret){ "x", 1 }, &other);
	char *forged = arena_strdup(&arena, sealed);
	memcpy(forged + 10, other + 10, 16);
	assert_status(open_with(&arena, other_keys, place, forged), STATUS_DENIED);
}

static void the_public_key_alone_only_seals(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_status(open_with(&arena, public_only, place, seal(&arena)), STATUS_BROKEN);
}

static void key_files_have_their_form(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_int_equal(strlen(public_text), strlen("spg-token-public-1:") + 64 + 1);
	assert_int_equal(strlen(secret_text), strlen("spg-token-secret-1:") + 64 + 1);
	const char *cut = arena_strndup(&arena, public_text, strlen(public_text) - 3);
	const char *const bad[] = {
		"",
		"\n",
		"spg-token-public-1:",
		secret_text,
		cut,
		arena_printf(&arena, "%szz", cut),
		arena_printf(&arena, "%.*s0000", (int)strlen(public_text) - 1, public_text),
		arena_printf(&arena, " %s", public_text),
		arena_printf(&arena, "%s%s", public_text, public_text),
		arena_printf(&arena, "spg-token-public-2:%s", public_text + 19),
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct secretbox_keys *loaded = NULL;
		log_capture();
		enum status st = load(&arena, bad[i], secret_text, &loaded);
		const char *log = log_captured(&arena);
		assert_status(st, STATUS_BROKEN);
		assert_null(loaded);
		assert_contains(log, " error ");
		/* Key bytes are never logged. */
		assert_lacks(log, arena_strndup(&arena, secret_text + 19, 16));
	}
}

static void keys_of_two_pairs_are_refused(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *other_public, *other_secret;
	struct secretbox_keys *loaded = NULL;
	secretbox_generate(&arena, &other_public, &other_secret);
	log_capture();
	enum status st = load(&arena, public_text, other_secret, &loaded);
	assert_contains(log_captured(&arena), "token_keys_mismatch");
	assert_status(st, STATUS_BROKEN);
	assert_null(loaded);
}

/* Write text to path at once, as a rotation does. */
static void replace_file(struct arena *arena, const char *path, const char *text)
{
	assert_int_equal(rename(scratch_file(arena, text, strlen(text)), path), 0);
}

static void a_ring_opens_what_any_of_its_keys_sealed(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct secretbox_keys *ring;
	const char *next_public, *next_secret, *sealed;
	struct secret secret;
	char ids[4][SECRETBOX_KEY_ID_SIZE], sealing[SECRETBOX_KEY_ID_SIZE];
	secretbox_generate(&arena, &next_public, &next_secret);
	const char *both = arena_printf(&arena, "%s%s", secret_text, next_secret);
	assert_status(load(&arena, next_public, both, &ring), STATUS_OK);
	assert_status(secretbox_open(&arena, ring, place, seal(&arena), &secret), STATUS_OK);
	assert_string_equal(secret.bytes, token);
	secretbox_seal(&arena, ring, place, (struct secret){ "new", 3 }, &sealed);
	assert_status(secretbox_open(&arena, ring, place, sealed, &secret), STATUS_OK);
	assert_status(open_with(&arena, keys, place, sealed), STATUS_CONFLICT);
	assert_int_equal(secretbox_ring_ids(ring, ids, 4), 2);
	secretbox_sealing_id(ring, sealing);
	assert_string_equal(ids[1], sealing);
	assert_string_not_equal(ids[0], sealing);
	assert_memory_equal(sealed + 10, sealing, 16);
}

static void a_rotation_is_followed_without_a_restart(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct secretbox_keys *running;
	const char *next_public, *next_secret, *sealed;
	struct secret secret;
	secretbox_generate(&arena, &next_public, &next_secret);
	const char *public_path = scratch_file(&arena, public_text, strlen(public_text));
	const char *secret_path = scratch_file(&arena, secret_text, strlen(secret_text));
	assert_status(secretbox_load(public_path, secret_path, &running), STATUS_OK);
	log_capture();
	replace_file(&arena, secret_path, arena_printf(&arena, "%s%s", secret_text, next_secret));
	replace_file(&arena, public_path, next_public);
	secretbox_seal(&arena, running, place, (struct secret){ "new", 3 }, &sealed);
	assert_status(secretbox_open(&arena, running, place, sealed, &secret), STATUS_OK);
	assert_string_equal(secret.bytes, "new");
	/* A damaged file costs nothing that was at hand. */
	replace_file(&arena, secret_path, "damaged\n");
	assert_status(secretbox_open(&arena, running, place, sealed, &secret), STATUS_OK);
	const char *log = log_captured(&arena);
	assert_contains(log, "token_key_changed");
	assert_contains(log, "token_keys_read_again");
	unlink(public_path);
	unlink(secret_path);
}

static void a_line_of_the_secret_file_tells_its_id(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	char id[SECRETBOX_KEY_ID_SIZE], sealing[SECRETBOX_KEY_ID_SIZE];
	const char *public;
	const char *line = arena_strndup(&arena, secret_text, strlen(secret_text) - 1);
	assert_status(secretbox_secret_line(&arena, line, id, &public), STATUS_OK);
	secretbox_sealing_id(keys, sealing);
	assert_string_equal(id, sealing);
	assert_string_equal(public, public_text);
	assert_status(secretbox_secret_line(&arena, secret_text, id, &public), STATUS_BROKEN);
	assert_status(secretbox_secret_line(&arena, "", id, &public), STATUS_BROKEN);
}

/* Points of low order make every sealed box fail: the program must not start with one. */
static void a_public_key_that_cannot_seal_is_refused(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	for (size_t i = 0; i < ARRAY_SIZE(points); i++) {
		struct secretbox_keys *loaded = NULL;
		log_capture();
		enum status st =
			load(&arena, arena_printf(&arena, "spg-token-public-1:%s", points[i]), NULL,
			     &loaded);
		assert_contains(log_captured(&arena), "not a usable key");
		assert_status(st, STATUS_BROKEN);
		assert_null(loaded);
	}
}

static void missing_key_files_are_named(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct secretbox_keys *loaded = NULL;
	log_capture();
	enum status st = secretbox_load("/nonexistent/public", NULL, &loaded);
	assert_contains(log_captured(&arena), "file=/nonexistent/public");
	assert_status(st, STATUS_BROKEN);
	const char *path = scratch_file(&arena, public_text, strlen(public_text));
	log_capture();
	st = secretbox_load(path, "/nonexistent/secret", &loaded);
	assert_contains(log_captured(&arena), "file=/nonexistent/secret");
	unlink(path);
	assert_status(st, STATUS_BROKEN);
	assert_null(loaded);
}

/* Random bytes behind a right header, and random changes of a good box: refused, never a crash. */
static void noise_is_refused(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *sealed = seal(&arena);
	for (int round = 0; round < 3000; round++) {
		CLEANUP(arena) struct arena scratch = { 0 };
		size_t length = randombytes_uniform(200);
		unsigned char bytes[200];
		char hex[401];
		randombytes_buf(bytes, length);
		sodium_bin2hex(hex, sizeof(hex), bytes, length);
		const char *noise = arena_printf(&scratch, "%.26s%s", sealed, hex);
		assert_true(open_with(&scratch, keys, place, noise) != STATUS_OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sealed_opens_at_its_place),
		cmocka_unit_test(secrets_of_any_bytes_and_length_come_back),
		cmocka_unit_test(no_two_boxes_are_alike),
		cmocka_unit_test(the_stored_form_has_magic_version_and_key_id),
		cmocka_unit_test(a_box_moved_to_another_place_is_refused),
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(what_is_no_box_is_refused),
		cmocka_unit_test(another_key_does_not_open),
		cmocka_unit_test(the_public_key_alone_only_seals),
		cmocka_unit_test(key_files_have_their_form),
		cmocka_unit_test(keys_of_two_pairs_are_refused),
		cmocka_unit_test(a_ring_opens_what_any_of_its_keys_sealed),
		cmocka_unit_test(a_rotation_is_followed_without_a_restart),
		cmocka_unit_test(a_line_of_the_secret_file_tells_its_id),
		cmocka_unit_test(a_public_key_that_cannot_seal_is_refused),
		cmocka_unit_test(missing_key_files_are_named),
		cmocka_unit_test(noise_is_refused),
	};
	token_init();
	return cmocka_run_group_tests(tests, make_keys, NULL);
}
