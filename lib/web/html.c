/* The renderer: one recursive walk over the template, with the open sections as a linked list. */
#include "web/html.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"

enum { NAME_MAX_BYTES = 63, DEPTH_MAX = 16 };

struct scope {
	struct json_object *value;
	const struct scope *outer;
	int depth;
};

struct tag {
	char kind; /* '=' value, '#', '^', '/' */
	char name[NAME_MAX_BYTES + 1];
	const char *start, *end; /* of the tag in the template */
};

void html_escape(struct buf *out, const char *text, size_t length)
{
	size_t plain = 0;
	for (size_t i = 0; i < length; i++) {
		const char *entity = NULL;
		switch (text[i]) {
		case '&':
			entity = "&amp;";
			break;
		case '<':
			entity = "&lt;";
			break;
		case '>':
			entity = "&gt;";
			break;
		case '"':
			entity = "&quot;";
			break;
		case '\'':
			entity = "&#39;";
			break;
		}
		if (!entity)
			continue;
		buf_append(out, text + plain, i - plain);
		buf_puts(out, entity);
		plain = i + 1;
	}
	buf_append(out, text + plain, length - plain);
}

/* The next tag at or after text; false at the end or, with kind 0, for a malformed one. */
static bool tag_next(const char *text, struct tag *ret_tag)
{
	const char *start = strstr(text, "{{");
	if (!start)
		return false;
	*ret_tag = (struct tag){ .start = start };
	const char *name = start + 2;
	char kind = '=';
	if (*name == '#' || *name == '^' || *name == '/')
		kind = *name++;
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.");
	if (length == 0 || length > NAME_MAX_BYTES || strncmp(name + length, "}}", 2) != 0)
		return true;
	memcpy(ret_tag->name, name, length);
	ret_tag->kind = kind;
	ret_tag->end = name + length + 2;
	return true;
}

static bool lookup(const struct scope *scope, const char *name, struct json_object **ret_value)
{
	if (strcmp(name, ".") == 0) {
		*ret_value = scope->value;
		return true;
	}
	for (; scope; scope = scope->outer) {
		if (json_object_is_type(scope->value, json_type_object) &&
		    json_object_object_get_ex(scope->value, name, ret_value))
			return true;
	}
	return false;
}

static bool is_truthy(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return false;
	case json_type_boolean:
		return json_object_get_boolean(value);
	case json_type_array:
		return json_object_array_length(value) > 0;
	case json_type_string:
		return json_object_get_string_len(value) > 0;
	case json_type_int:
	case json_type_double:
	case json_type_object:
		return true;
	}
	return false;
}

static enum status fault(const char *problem, const char *name)
{
	log_error("template_fault problem=%s name=%s", problem, name);
	return STATUS_BROKEN;
}

/* Find the end tag, before end, of the section that was opened by tag. */
static enum status section_end(const struct tag *open, const char *end, struct tag *ret_close)
{
	int level = 1;
	const char *text = open->end;
	struct tag tag;
	while (tag_next(text, &tag) && tag.start < end) {
		if (!tag.kind)
			return fault("bad tag in section", open->name);
		if (strcmp(tag.name, open->name) == 0) {
			if (tag.kind == '#' || tag.kind == '^')
				level++;
			else if (tag.kind == '/' && --level == 0) {
				*ret_close = tag;
				return STATUS_OK;
			}
		}
		text = tag.end;
	}
	return fault("unclosed section", open->name);
}

static enum status render(const char *text, const char *end, const struct scope *scope,
			  struct buf *out);

static enum status render_section(const struct tag *open, const struct tag *close,
				  struct json_object *value, const struct scope *scope,
				  struct buf *out)
{
	if (open->kind == '^')
		return is_truthy(value) ? STATUS_OK : render(open->end, close->start, scope, out);
	if (!is_truthy(value))
		return STATUS_OK;
	struct scope inner = { value, scope, scope->depth + 1 };
	if (inner.depth > DEPTH_MAX)
		return fault("sections too deep", open->name);
	if (!json_object_is_type(value, json_type_array))
		return render(open->end, close->start, &inner, out);
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		inner.value = json_object_array_get_idx(value, i);
		enum status st = render(open->end, close->start, &inner, out);
		if (st != STATUS_OK)
			return st;
	}
	return STATUS_OK;
}

static enum status render(const char *text, const char *end, const struct scope *scope,
			  struct buf *out)
{
	struct tag tag;
	while (tag_next(text, &tag) && tag.start < end) {
		buf_append(out, text, (size_t)(tag.start - text));
		struct json_object *value;
		if (!tag.kind)
			return fault("bad tag", "-");
		if (tag.kind == '/')
			return fault("end without section", tag.name);
		if (!lookup(scope, tag.name, &value))
			return fault("name missing in view", tag.name);
		text = tag.end;
		if (tag.kind == '=') {
			if (json_object_is_type(value, json_type_array) ||
			    json_object_is_type(value, json_type_object))
				return fault("not a plain value", tag.name);
			const char *shown = value ? json_object_get_string(value) : "";
			html_escape(out, shown, strlen(shown));
			continue;
		}
		struct tag close;
		enum status st = section_end(&tag, end, &close);
		if (st == STATUS_OK)
			st = render_section(&tag, &close, value, scope, out);
		if (st != STATUS_OK)
			return st;
		text = close.end;
	}
	buf_append(out, text, (size_t)(end - text));
	return STATUS_OK;
}

enum status html_render(const char *template, struct json_object *view, struct buf *out)
{
	struct scope scope = { view, NULL, 0 };
	enum status st = render(template, template + strlen(template), &scope, out);
	if (st == STATUS_OK && !buf_ok(out))
		st = fault("page too large", "-");
	return st;
}
