/* Webhook signatures and events, with the vector of the API reference (5.4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/token.h"
#include "remote/tiktok_webhook.h"

#define CLIENT_KEY "sbawexampleclient01"
#define DIGEST	   "e9b94691d7faf70e30a640a8c6962170ad790efb97264fd529eab47ee06039f4"
#define HEADER	   "t=1795000003,s=" DIGEST
#define SIGNED_AT  INT64_C(1795000003)

static const char body[] =
	"{\"client_key\":\"sbawexampleclient01\",\"event\":\"post.publish.complete\","
	"\"create_time\":1795000000,\"user_openid\":\"-000exampleOpenId01\","
	"\"content\":\"{\\\"publish_id\\\":\\\"v_pub_file~v2-1.7000000000000000001\\\","
	"\\\"publish_type\\\":\\\"DIRECT_PUBLISH\\\"}\"}";

static const struct secret client_secret = { "example_client_secret_0001", 26 };

static enum status verify(const char *header, const char *text, int64_t now)
{
	CLEANUP(arena) struct arena arena = { 0 };
	return tiktok_webhook_verify(&arena, client_secret, header, text, strlen(text), now);
}

static void the_reference_vector_is_accepted(void **state)
{
	(void)state;
	assert_int_equal(strlen(body), 234);
	assert_int_equal(verify(HEADER, body, SIGNED_AT), STATUS_OK);
	assert_int_equal(verify("s=" DIGEST ",t=1795000003", body, SIGNED_AT), STATUS_OK);
}

static void other_bytes_are_refused(void **state)
{
	char changed[sizeof(body) + 4];
	(void)state;
	for (size_t i = 0; i < strlen(body); i += 7) {
		snprintf(changed, sizeof(changed), "%s", body);
		changed[i] ^= 1;
		assert_int_equal(verify(HEADER, changed, SIGNED_AT), STATUS_DENIED);
	}
	snprintf(changed, sizeof(changed), "%s\n", body);
	assert_int_equal(verify(HEADER, changed, SIGNED_AT), STATUS_DENIED);
	snprintf(changed, sizeof(changed), "\xef\xbb\xbf%s", body);
	assert_int_equal(verify(HEADER, changed, SIGNED_AT), STATUS_DENIED);
	assert_int_equal(verify(HEADER, "", SIGNED_AT), STATUS_DENIED);
}

static void the_grammar_is_strict(void **state)
{
	static const char *const headers[] = {
		NULL,
		"",
		",",
		"t=1795000003",
		"s=" DIGEST,
		"t=,s=" DIGEST,
		"t=1795000003,s=",
		"t=1795000003, s=" DIGEST,
		" t=1795000003,s=" DIGEST,
		"t=1795000003,s=" DIGEST " ",
		"t=1795000003,s=" DIGEST ",",
		"t=1795000003,s=" DIGEST ",v=1",
		"t=1795000003,t=1795000003,s=" DIGEST,
		"t=1795000003,s=" DIGEST ",s=" DIGEST,
		"t=1795000003;s=" DIGEST,
		"T=1795000003,S=" DIGEST,
		"t=+1795000003,s=" DIGEST,
		"t=-1,s=" DIGEST,
		"t=1795000003.0,s=" DIGEST,
		"t=01795000003,s=" DIGEST,
		"t=0x6afd,s=" DIGEST,
		"t=1795000003000000000000000000000,s=" DIGEST,
		"t=1795000003,s=" DIGEST "00",
		"t=1795000003,s=E9B94691D7FAF70E30A640A8C6962170AD790EFB97264FD529EAB47EE06039F4",
		"t=1795000004,s=" DIGEST,
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		assert_int_equal(verify(headers[i], body, SIGNED_AT), STATUS_DENIED);
}

static void a_signature_is_good_for_three_days(void **state)
{
	(void)state;
	assert_int_equal(verify(HEADER, body, SIGNED_AT + 72 * 3600 + 600), STATUS_OK);
	assert_int_equal(verify(HEADER, body, SIGNED_AT + 72 * 3600 + 601), STATUS_DENIED);
	assert_int_equal(verify(HEADER, body, SIGNED_AT - 300), STATUS_OK);
	assert_int_equal(verify(HEADER, body, SIGNED_AT - 301), STATUS_DENIED);
}

static enum status parse(struct arena *arena, const char *text, struct tiktok_webhook *ret)
{
	return tiktok_webhook_parse(arena, CLIENT_KEY, text, strlen(text), ret);
}

static const char *envelope(struct arena *arena, const char *event, const char *content)
{
	return arena_printf(
		arena,
		"{\"client_key\":\"" CLIENT_KEY "\",\"event\":\"%s\","
		"\"create_time\":1795000000,\"user_openid\":\"-000a\",\"content\":\"%s\"}",
		event, content);
}

static void the_vector_is_read(void **state)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_webhook webhook;
	(void)state;
	assert_int_equal(parse(&arena, body, &webhook), STATUS_OK);
	assert_string_equal(webhook.event, "post.publish.complete");
	assert_string_equal(webhook.open_id, "-000exampleOpenId01");
	assert_string_equal(webhook.publish_id, "v_pub_file~v2-1.7000000000000000001");
	assert_null(webhook.public_id);
	assert_null(webhook.reason);
	assert_int_equal(webhook.sent_at, 1795000000);
	assert_true(webhook.known);
}

static void post_ids_stay_exact_as_string_and_as_number(void **state)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_webhook webhook;
	(void)state;
	static const char *const contents[] = {
		"{\\\"publish_id\\\":\\\"p\\\",\\\"post_id\\\":\\\"7123456789012345679\\\"}",
		"{\\\"publish_id\\\":\\\"p\\\",\\\"post_id\\\":7123456789012345679}",
	};
	for (size_t i = 0; i < ARRAY_SIZE(contents); i++) {
		const char *text = envelope(&arena, "post.publish.publicly_available", contents[i]);
		assert_int_equal(parse(&arena, text, &webhook), STATUS_OK);
		assert_string_equal(webhook.public_id, "7123456789012345679");
	}
	static const char *const odd[] = {
		"{\\\"publish_id\\\":\\\"p\\\",\\\"post_id\\\":\\\"12a\\\"}",
		"{\\\"publish_id\\\":\\\"p\\\",\\\"post_id\\\":-5}",
		"{\\\"publish_id\\\":\\\"p\\\",\\\"post_id\\\":1.5e18}",
		"{\\\"publish_id\\\":\\\"p\\\",\\\"post_id\\\":99999999999999999999}",
	};
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		const char *text = envelope(&arena, "post.publish.publicly_available", odd[i]);
		assert_int_equal(parse(&arena, text, &webhook), STATUS_OK);
		assert_null(webhook.public_id);
	}
}

static void reasons_are_words_or_numbers(void **state)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_webhook webhook;
	(void)state;
	assert_int_equal(parse(&arena,
			       envelope(&arena, "authorization.removed", "{\\\"reason\\\":1}"),
			       &webhook),
			 STATUS_OK);
	assert_string_equal(webhook.reason, "1");
	assert_true(webhook.known);
	assert_int_equal(parse(&arena,
			       envelope(&arena, "post.publish.failed",
					"{\\\"publish_id\\\":\\\"p\\\","
					"\\\"fail_reason\\\":\\\"internal\\\"}"),
			       &webhook),
			 STATUS_OK);
	assert_string_equal(webhook.reason, "internal");
}

static void unknown_events_are_read_and_not_known(void **state)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_webhook webhook;
	(void)state;
	static const char *const events[] = { "video.upload.failed", "portability.download.ready",
					      "something.new" };
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		assert_int_equal(parse(&arena, envelope(&arena, events[i], "{}"), &webhook),
				 STATUS_OK);
		assert_false(webhook.known);
	}
	/* of a known event, but without the one member that it is about */
	assert_int_equal(parse(&arena, envelope(&arena, "post.publish.complete", "{}"), &webhook),
			 STATUS_OK);
	assert_false(webhook.known);
}

static void what_is_not_an_event_is_invalid(void **state)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_webhook webhook;
	(void)state;
	static const char *const texts[] = {
		"",
		"[]",
		"\"x\"",
		"{",
		"{\"client_key\":\"" CLIENT_KEY "\"}",
		"{\"client_key\":\"" CLIENT_KEY "\",\"event\":7}",
		"{\"client_key\":\"" CLIENT_KEY "\",\"event\":\"\"}",
		"{\"client_key\":\"" CLIENT_KEY "\",\"event\":\"a\",\"content\":{}}",
		"{\"client_key\":\"" CLIENT_KEY "\",\"event\":\"a\",\"content\":\"{\"}",
		"{\"client_key\":\"" CLIENT_KEY "\",\"event\":\"a\",\"content\":\"[1]\"}",
		"{\"client_key\":\"" CLIENT_KEY
		"\",\"event\":\"a\",\"event\":\"b\",\"content\":\"{}\"}",
		"{\"client_key\":\"" CLIENT_KEY "\",\"event\":\"a\",\"content\":\"{}\"} {}",
	};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(parse(&arena, texts[i], &webhook), STATUS_INVALID);
}

static void another_client_key_is_denied(void **state)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_webhook webhook;
	(void)state;
	assert_int_equal(parse(&arena, "{\"client_key\":\"other\",\"event\":\"a\"}", &webhook),
			 STATUS_DENIED);
	assert_int_equal(parse(&arena, "{\"event\":\"a\",\"content\":\"{}\"}", &webhook),
			 STATUS_DENIED);
}

static const char *key_of(struct arena *arena, const char *text)
{
	struct tiktok_webhook webhook;
	assert_int_equal(parse(arena, text, &webhook), STATUS_OK);
	return webhook.dedupe_key;
}

static void the_same_event_has_the_same_key(void **state)
{
	CLEANUP(arena) struct arena arena = { 0 };
	(void)state;
	/* another order of members, and a member more: still that event */
	const char *other_order =
		"{\"event\":\"post.publish.complete\",\"user_openid\":\"-000exampleOpenId01\","
		"\"content\":\"{\\\"publish_id\\\":\\\"v_pub_file~v2-1.7000000000000000001\\\"}\","
		"\"create_time\":1795000000,\"client_key\":\"" CLIENT_KEY "\",\"new\":1}";
	assert_string_equal(key_of(&arena, body), key_of(&arena, other_order));

	const char *known = key_of(&arena, envelope(&arena, "post.publish.complete",
						    "{\\\"publish_id\\\":\\\"p\\\"}"));
	assert_string_not_equal(known, key_of(&arena, envelope(&arena, "post.publish.failed",
							       "{\\\"publish_id\\\":\\\"p\\\"}")));
	assert_string_not_equal(known, key_of(&arena, envelope(&arena, "post.publish.complete",
							       "{\\\"publish_id\\\":\\\"q\\\"}")));
	assert_string_not_equal(
		known,
		key_of(&arena, envelope(&arena, "post.publish.complete",
					"{\\\"publish_id\\\":\\\"p\\\",\\\"post_id\\\":1}")));
}

static void events_with_missing_members_are_told_apart_by_their_bytes(void **state)
{
	CLEANUP(arena) struct arena arena = { 0 };
	(void)state;
	const char *first = key_of(&arena, envelope(&arena, "something.new", "{}"));
	assert_string_equal(first, key_of(&arena, envelope(&arena, "something.new", "{}")));
	assert_string_not_equal(
		first, key_of(&arena, envelope(&arena, "something.new", "{\\\"request_id\\\":1}")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_reference_vector_is_accepted),
		cmocka_unit_test(other_bytes_are_refused),
		cmocka_unit_test(the_grammar_is_strict),
		cmocka_unit_test(a_signature_is_good_for_three_days),
		cmocka_unit_test(the_vector_is_read),
		cmocka_unit_test(post_ids_stay_exact_as_string_and_as_number),
		cmocka_unit_test(reasons_are_words_or_numbers),
		cmocka_unit_test(unknown_events_are_read_and_not_known),
		cmocka_unit_test(what_is_not_an_event_is_invalid),
		cmocka_unit_test(another_client_key_is_denied),
		cmocka_unit_test(the_same_event_has_the_same_key),
		cmocka_unit_test(events_with_missing_members_are_told_apart_by_their_bytes),
	};
	token_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
