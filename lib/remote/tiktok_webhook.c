/* Webhooks: grammar, signature, envelope, content. */
#include "remote/tiktok_webhook.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "base/number.h"
#include "base/token.h"
#include "base/utf8.h"

enum {
	DEPTH = 32,
	WORD_MAX_BYTES = 256,
	SIGNATURE_DIGITS = 64,
	SECONDS_DIGITS_MAX = 12,
	SECONDS_AHEAD = 300,
	SECONDS_BEHIND = 72 * 3600 + 600,
};

/* Exactly one t of digits and one s of 64 hex digits, parted by a comma, without blanks. */
static bool header_split(struct arena *arena, const char *header, const char **ret_time,
			 const char **ret_signature)
{
	size_t length = header ? strcspn(header, ",") : 0;
	if (!header || header[length] != ',')
		return false;
	const char *first = arena_strndup(arena, header, length), *second = header + length + 1;
	bool swapped = strncmp(first, "s=", 2) == 0;
	const char *seconds = swapped ? second : first, *signature = swapped ? first : second;
	if (strncmp(seconds, "t=", 2) != 0 || strncmp(signature, "s=", 2) != 0)
		return false;
	seconds += 2;
	signature += 2;
	length = strspn(seconds, "0123456789");
	if (length == 0 || length > SECONDS_DIGITS_MAX || seconds[length] != '\0' ||
	    strlen(signature) != SIGNATURE_DIGITS ||
	    strspn(signature, "0123456789abcdef") != SIGNATURE_DIGITS)
		return false;
	*ret_time = seconds;
	*ret_signature = signature;
	return true;
}

enum status tiktok_webhook_verify(struct arena *arena, struct secret client_secret,
				  const char *header, const char *body, size_t length, int64_t now)
{
	const char *time_text, *signature;
	if (!header_split(arena, header, &time_text, &signature)) {
		log_warn("webhook_refused problem=%s",
			 header ? "signature malformed" : "no signature");
		return STATUS_DENIED;
	}
	const char *expected = token_hmac_sha256(
		arena, client_secret, arena_printf(arena, "%s.", time_text), body, length);
	if (!token_equal(expected, signature)) {
		log_warn("webhook_refused problem=wrong signature");
		return STATUS_DENIED;
	}
	int64_t seconds;
	if (number_parse(time_text, 0, INT64_MAX, &seconds) != STATUS_OK ||
	    seconds > now + SECONDS_AHEAD || seconds < now - SECONDS_BEHIND) {
		log_warn("webhook_refused problem=signed at another time signed=%s now=%" PRId64
			 " remedy=check this machine's clock",
			 time_text, now);
		return STATUS_DENIED;
	}
	return STATUS_OK;
}

/* A short printable string member; NULL when absent, empty or odd. */
static const char *word_member(struct arena *arena, struct json_object *object, const char *name)
{
	const char *text = json_string_or(object, name, "");
	size_t length = strlen(text);
	if (length == 0 || length > WORD_MAX_BYTES || !utf8_is_printable(text, false))
		return NULL;
	return arena_strdup(arena, text);
}

/* An id that comes as a string or as a number, always exact. */
static const char *id_member(struct arena *arena, struct json_object *object, const char *name)
{
	int64_t number;
	if (json_get_int(object, name, &number) == STATUS_OK)
		return number > 0 ? arena_printf(arena, "%" PRId64, number) : NULL;
	const char *text = word_member(arena, object, name);
	return text && strlen(text) < 32 && strspn(text, "0123456789") == strlen(text) ? text
										       : NULL;
}

static const char *reason_member(struct arena *arena, struct json_object *content)
{
	int64_t number;
	if (json_get_int(content, "reason", &number) == STATUS_OK)
		return arena_printf(arena, "%" PRId64, number);
	const char *text = word_member(arena, content, "reason");
	return text ? text : word_member(arena, content, "fail_reason");
}

/* Event names with meaning here (5.3), and whether they speak of one post. */
static bool event_is_known(const struct tiktok_webhook *webhook)
{
	static const char *const about_posts[] = {
		"post.publish.complete",
		"post.publish.failed",
		"post.publish.inbox_delivered",
		"post.publish.publicly_available",
		"post.publish.no_longer_publicaly_available",
	};
	if (strcmp(webhook->event, "authorization.removed") == 0)
		return *webhook->open_id != '\0';
	for (size_t i = 0; i < ARRAY_SIZE(about_posts); i++) {
		if (strcmp(webhook->event, about_posts[i]) == 0)
			return webhook->publish_id != NULL;
	}
	return false;
}

/* The content is JSON inside a string; where TikTok sends none there is nothing in it. */
static enum status content_parse(struct json_object *envelope, struct json_object **ret_content)
{
	const char *text;
	enum status st = json_get_string(envelope, "content", &text);
	if (st == STATUS_INVALID)
		return st;
	if (st == STATUS_NOT_FOUND || *text == '\0')
		text = "{}";
	CLEANUP(json_object_put) struct json_object *content = NULL;
	st = json_parse(text, strlen(text), DEPTH, &content);
	if (st != STATUS_OK || !json_object_is_type(content, json_type_object))
		return STATUS_INVALID;
	*ret_content = TAKE_POINTER(content);
	return STATUS_OK;
}

/*
 * Retries of one event carry the same members, perhaps in another order. Where a member is missing
 * only the whole body tells two events apart. The values are printable, so '\n' separates safely.
 */
static const char *dedupe_key(struct arena *arena, const struct tiktok_webhook *webhook,
			      const char *body, size_t length)
{
	if (!webhook->known || !*webhook->open_id || !webhook->sent_at)
		return token_sha256(arena, body, length);
	const char *text =
		arena_printf(arena, "%s\n%s\n%s\n%" PRId64 "\n%s\n%s", webhook->event,
			     webhook->open_id, webhook->publish_id ? webhook->publish_id : "",
			     webhook->sent_at, webhook->public_id ? webhook->public_id : "",
			     webhook->reason ? webhook->reason : "");
	return token_sha256(arena, text, strlen(text));
}

enum status tiktok_webhook_parse(struct arena *arena, const char *client_key, const char *body,
				 size_t length, struct tiktok_webhook *ret_webhook)
{
	CLEANUP(json_object_put) struct json_object *envelope = NULL;
	CLEANUP(json_object_put) struct json_object *content = NULL;
	enum status st = json_parse(body, length, DEPTH, &envelope);
	if (st != STATUS_OK || !json_object_is_type(envelope, json_type_object))
		return STATUS_INVALID;
	const char *key = json_string_or(envelope, "client_key", "");
	if (strcmp(key, client_key) != 0)
		return STATUS_DENIED;
	struct tiktok_webhook webhook = { .event = word_member(arena, envelope, "event") };
	if (!webhook.event || content_parse(envelope, &content) != STATUS_OK)
		return STATUS_INVALID;
	const char *open_id = word_member(arena, envelope, "user_openid");
	webhook.open_id = open_id ? open_id : "";
	if (json_get_int(envelope, "create_time", &webhook.sent_at) != STATUS_OK ||
	    webhook.sent_at < 0 || webhook.sent_at > INT64_C(100000000000))
		webhook.sent_at = 0;
	webhook.publish_id = word_member(arena, content, "publish_id");
	webhook.public_id = id_member(arena, content, "post_id");
	webhook.reason = reason_member(arena, content);
	webhook.known = event_is_known(&webhook);
	webhook.dedupe_key = dedupe_key(arena, &webhook, body, length);
	*ret_webhook = webhook;
	return STATUS_OK;
}
