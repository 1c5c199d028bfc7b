/* The chain of the audit trail: fixed vectors, made by another implementation. */
#include "unit.h"

#include "store/audit_chain.h"

static const char *hex(struct arena *arena, const unsigned char *hash)
{
	char *text = arena_alloc(arena, 2 * AUDIT_HASH_BYTES + 1);
	for (size_t i = 0; i < AUDIT_HASH_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
	return text;
}

static const struct audit_link first = { .position = "1",
					 .id = "7",
					 .at_epoch = "1795660800.123456",
					 .program = "spg_dashboard",
					 .event = "settings_changed",
					 .user_id = "42" };

static void an_event_hashes_with_the_one_before(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	unsigned char hash[AUDIT_HASH_BYTES] = { 0 }, next[AUDIT_HASH_BYTES];
	const struct audit_link second = { .position = "2",
					   .id = "8",
					   .at_epoch = "1795660801.000000",
					   .program = "spg_ctl",
					   .event = "operator_users_show",
					   .user_id = "42",
					   .account_id = "9",
					   .post_id = "11",
					   .subject_id = "13",
					   .code = "no_токен",
					   .log_id = "2026LOG",
					   .actor = "anna" };
	audit_link_hash(hash, &first, hash);
	assert_string_equal(hex(&arena, hash),
			    "be5935ab9e3524c8e53346039ae2b7fa0955ec676ea989a24dded869af13472b");
	audit_link_hash(hash, &second, next);
	assert_string_equal(hex(&arena, next),
			    "23e181eefcad43b8108a1e4735d73ffb177aa6971709a1cf9977b0336bb5e403");
}

static void no_two_fields_can_stand_for_each_other(void **state)
{
	(void)state;
	const unsigned char zero[AUDIT_HASH_BYTES] = { 0 };
	unsigned char as_user[AUDIT_HASH_BYTES], as_account[AUDIT_HASH_BYTES];
	struct audit_link moved = first;
	moved.user_id = NULL;
	moved.account_id = "42";
	audit_link_hash(zero, &first, as_user);
	audit_link_hash(zero, &moved, as_account);
	assert_memory_not_equal(as_user, as_account, AUDIT_HASH_BYTES);
	/* nothing, and a word that looks like nothing */
	moved = first;
	moved.code = "-";
	audit_link_hash(zero, &moved, as_account);
	assert_memory_not_equal(as_user, as_account, AUDIT_HASH_BYTES);
}

static void a_head_is_read_as_the_log_has_it(void **state)
{
	(void)state;
	struct audit_head head = { 0 };
	const char *good = "17:be5935ab9e3524c8e53346039ae2b7fa0955ec676ea989a24dded869af13472b";
	static const char *const bad[] = {
		"",
		"17",
		"17:",
		":be5935ab9e3524c8e53346039ae2b7fa0955ec676ea989a24dded869af13472b",
		"-1:be5935ab9e3524c8e53346039ae2b7fa0955ec676ea989a24dded869af13472b",
		"17:be5935ab9e3524c8e53346039ae2b7fa0955ec676ea989a24dded869af13472",
		"17:Be5935ab9e3524c8e53346039ae2b7fa0955ec676ea989a24dded869af13472b",
	};
	assert_status(audit_head_parse(good, &head), STATUS_OK);
	assert_int_equal(head.position, 17);
	assert_int_equal(head.hash[0], 0xbe);
	assert_int_equal(head.hash[31], 0x2b);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_status(audit_head_parse(bad[i], &head), STATUS_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_hashes_with_the_one_before),
		cmocka_unit_test(no_two_fields_can_stand_for_each_other),
		cmocka_unit_test(a_head_is_read_as_the_log_has_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
