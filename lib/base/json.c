/* Strictness over json-c, and typed getters. */
#include "base/json.h"

#include <string.h>

#include "base/arena.h"
#include "base/log.h"

/*
 * json-c keeps the last of several equal keys in silence and takes single quotes even when strict.
 * Both show in the raw text: a colon outside a string stands for one member, so the text must hold
 * as many colons as the tree holds members.
 */
static bool scan_members(const char *text, size_t length, size_t *ret_colons)
{
	size_t colons = 0;
	bool in_string = false;
	for (size_t i = 0; i < length; i++) {
		char byte = text[i];
		if (in_string) {
			if (byte == '\\')
				i++;
			else if (byte == '"')
				in_string = false;
		} else if (byte == '"') {
			in_string = true;
		} else if (byte == ':') {
			colons++;
		} else if (byte == '\'' || byte == '\0' || byte == '/') {
			return false;
		}
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
	if (length == 0 || length > INT32_MAX || !scan_members(text, length, &colons))
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
	return arena_strdup(arena,
			    json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
									  JSON_C_TO_STRING_NOSLASHESCAPE));
}
