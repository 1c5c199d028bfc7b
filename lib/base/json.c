/* Strictness over json-c, and typed getters. */
#include "base/json.h"

#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/utf8.h"

static size_t digits_length(const char *text, size_t length)
{
	size_t count = 0;
	while (count < length && text[count] >= '0' && text[count] <= '9')
		count++;
	return count;
}

/* Bytes of the number at the start of text, 0 where there is none (RFC 8259, section 6). */
static size_t number_length(const char *text, size_t length)
{
	size_t used = text[0] == '-' ? 1 : 0;
	size_t whole = digits_length(text + used, length - used);
	if (whole == 0 || (whole > 1 && text[used] == '0'))
		return 0;
	used += whole;
	if (used < length && text[used] == '.') {
		size_t fraction = digits_length(text + used + 1, length - used - 1);
		if (fraction == 0)
			return 0;
		used += 1 + fraction;
	}
	if (used < length && (text[used] == 'e' || text[used] == 'E')) {
		used++;
		if (used < length && (text[used] == '+' || text[used] == '-'))
			used++;
		size_t exponent = digits_length(text + used, length - used);
		if (exponent == 0)
			return 0;
		used += exponent;
	}
	return used;
}

static size_t word_length(const char *text, size_t length)
{
	static const char *const words[] = { "true", "false", "null" };
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		size_t wanted = strlen(words[i]);
		if (length >= wanted && memcmp(text, words[i], wanted) == 0)
			return wanted;
	}
	return 0;
}

/* Bytes of the string at the start of text with its quotes, 0 where it is none. */
static size_t string_length(const char *text, size_t length, bool *ret_holds_nul)
{
	*ret_holds_nul = false;
	for (size_t i = 1; i < length; i++) {
		if (text[i] == '"')
			return i + 1;
		if ((unsigned char)text[i] < 0x20)
			return 0;
		if (text[i] == '\\') {
			if (length - i >= 6 && memcmp(text + i, "\\u0000", 6) == 0)
				*ret_holds_nul = true;
			i++;
		}
	}
	return 0;
}

/*
 * json-c, strict or not, keeps the last of several equal names in silence, cuts a name at \u0000 and
 * takes single quotes, comments, NaN, "-01", "1." and raw control characters. All of it shows in the
 * raw text: here every word of it must be JSON's, and json-c checks their order. A colon outside a
 * string stands for one member, so the text must hold as many colons as the tree holds members.
 */
static bool scan_members(const char *text, size_t length, size_t *ret_colons)
{
	size_t colons = 0, step;
	bool name_holds_nul = false;
	for (size_t i = 0; i < length; i += step) {
		char byte = text[i];
		size_t left = length - i;
		step = 1;
		if (byte == '"')
			step = string_length(text + i, left, &name_holds_nul);
		else if (byte == '-' || (byte >= '0' && byte <= '9'))
			step = number_length(text + i, left);
		else if (byte == ':' && !name_holds_nul)
			colons++;
		else if (!strchr("{}[], \t\r\n", byte))
			step = word_length(text + i, left);
		if (step == 0)
			return false;
	}
	*ret_colons = colons;
	return true;
}

static size_t count_members(struct json_object *value)
{
	size_t count = 0;
	if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, name, member)
		{
			(void)name;
			count += 1 + count_members(member);
		}
	} else if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			count += count_members(json_object_array_get_idx(value, i));
	}
	return count;
}

enum status json_parse(const char *text, size_t length, int depth, struct json_object **ret_object)
{
	size_t colons;
	/* json-c's own check lets overlong forms and surrogates pass. */
	if (length == 0 || length > INT32_MAX || !utf8_is_valid(text, length) ||
	    !scan_members(text, length, &colons))
		return STATUS_INVALID;
	struct json_tokener *tokener = json_tokener_new_ex(depth);
	if (!tokener)
		log_die("out_of_memory");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	struct json_object *object = json_tokener_parse_ex(tokener, text, (int)length);
	enum json_tokener_error error = json_tokener_get_error(tokener);
	size_t end = json_tokener_get_parse_end(tokener);
	if (error == json_tokener_continue) {
		/* A bare number or literal ends only with the text. */
		object = json_tokener_parse_ex(tokener, " ", 1);
		error = json_tokener_get_error(tokener);
		end = length;
	}
	json_tokener_free(tokener);
	while (end < length && strchr(" \t\r\n", text[end]))
		end++;
	if (error != json_tokener_success || end != length || count_members(object) != colons) {
		json_object_put(object);
		return STATUS_INVALID;
	}
	*ret_object = object;
	return STATUS_OK;
}

static enum status json_get(struct json_object *object, const char *name, enum json_type type,
			    struct json_object **ret_member)
{
	struct json_object *member;
	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, name, &member) || !member)
		return STATUS_NOT_FOUND;
	if (!json_object_is_type(member, type))
		return STATUS_INVALID;
	*ret_member = member;
	return STATUS_OK;
}

enum status json_get_string(struct json_object *object, const char *name, const char **ret_text)
{
	struct json_object *member;
	enum status st = json_get(object, name, json_type_string, &member);
	if (st != STATUS_OK)
		return st;
	const char *text = json_object_get_string(member);
	if (strlen(text) != (size_t)json_object_get_string_len(member))
		return STATUS_INVALID;
	*ret_text = text;
	return STATUS_OK;
}

enum status json_get_int(struct json_object *object, const char *name, int64_t *ret_value)
{
	struct json_object *member;
	enum status st = json_get(object, name, json_type_int, &member);
	if (st != STATUS_OK)
		return st;
	/* json-c clamps what does not fit in silence; the ends of the range are never real values. */
	int64_t value = json_object_get_int64(member);
	if (value == INT64_MAX || value == INT64_MIN)
		return STATUS_INVALID;
	*ret_value = value;
	return STATUS_OK;
}

enum status json_get_bool(struct json_object *object, const char *name, bool *ret_value)
{
	struct json_object *member;
	enum status st = json_get(object, name, json_type_boolean, &member);
	if (st == STATUS_OK)
		*ret_value = json_object_get_boolean(member);
	return st;
}

enum status json_get_object(struct json_object *object, const char *name,
			    struct json_object **ret_object)
{
	return json_get(object, name, json_type_object, ret_object);
}

enum status json_get_array(struct json_object *object, const char *name,
			   struct json_object **ret_array)
{
	return json_get(object, name, json_type_array, ret_array);
}

const char *json_string_or(struct json_object *object, const char *name, const char *fallback)
{
	const char *text;
	return json_get_string(object, name, &text) == STATUS_OK ? text : fallback;
}

void json_add(struct json_object *object, const char *name, struct json_object *value)
{
	if (json_object_object_add(object, name, value) != 0)
		log_die("out_of_memory");
}

void json_add_string(struct json_object *object, const char *name, const char *text)
{
	json_add(object, name, text ? json_object_new_string(text) : NULL);
}

void json_add_int(struct json_object *object, const char *name, int64_t value)
{
	json_add(object, name, json_object_new_int64(value));
}

void json_add_bool(struct json_object *object, const char *name, bool value)
{
	json_add(object, name, json_object_new_boolean(value));
}

void json_array_push(struct json_object *array, struct json_object *value)
{
	if (json_object_array_add(array, value) != 0)
		log_die("out_of_memory");
}

const char *json_text(struct arena *arena, struct json_object *object)
{
	return arena_strdup(
		arena, json_object_to_json_string_ext(
			       object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}
