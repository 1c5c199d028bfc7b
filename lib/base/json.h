/*
 * Strict JSON over json-c: what a stranger sends is parsed under a size and depth limit, and refused
 * where json-c alone would quietly accept it (duplicate names, single quotes, comments, NaN, raw
 * control characters, trailing bytes, bad UTF-8). Getters check the type first.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <json-c/json.h>

#include "base/status.h"

struct arena;

static inline void json_object_put_cleanup(struct json_object **object)
{
	if (*object)
		json_object_put(*object);
}

/*
 * Parse one JSON text of at most depth levels. The caller puts ret_object.
 * STATUS_INVALID when it is not exactly one strict JSON value.
 */
MUST_CHECK enum status json_parse(const char *text, size_t length, int depth,
				  struct json_object **ret_object);

/*
 * Members by name. STATUS_OK and the value; STATUS_NOT_FOUND when missing or null; STATUS_INVALID
 * when of another type (or, for strings, with an embedded NUL). ret_ is untouched unless OK.
 * The string and the object belong to the parent.
 */
MUST_CHECK enum status json_get_string(struct json_object *object, const char *name,
				       const char **ret_text);
MUST_CHECK enum status json_get_int(struct json_object *object, const char *name,
				    int64_t *ret_value);
MUST_CHECK enum status json_get_bool(struct json_object *object, const char *name, bool *ret_value);
MUST_CHECK enum status json_get_object(struct json_object *object, const char *name,
				       struct json_object **ret_object);
MUST_CHECK enum status json_get_array(struct json_object *object, const char *name,
				      struct json_object **ret_array);

/* The string member, or fallback where it is missing or of another type. */
const char *json_string_or(struct json_object *object, const char *name, const char *fallback);

/* Adders that cannot crash on NULL: a NULL text becomes JSON null. */
void json_add_string(struct json_object *object, const char *name, const char *text);
void json_add_int(struct json_object *object, const char *name, int64_t value);
void json_add_bool(struct json_object *object, const char *name, bool value);
/* Takes over the reference of value (may be NULL: null). */
void json_add(struct json_object *object, const char *name, struct json_object *value);
void json_array_push(struct json_object *array, struct json_object *value);

/* Compact JSON text of object in the arena. */
const char *json_text(struct arena *arena, struct json_object *object);
