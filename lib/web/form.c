/* Decoding of pairs. */
#include "web/form.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/percent.h"
#include "base/utf8.h"

enum { FIELDS_MAX = 64 };

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

static enum status decode(struct arena *arena, const char *text, size_t length,
			  const char **ret_text)
{
	char *out = arena_alloc(arena, length + 1);
	size_t used = 0;
	for (size_t i = 0; i < length; i++) {
		char byte = text[i];
		if (byte == '+') {
			byte = ' ';
		} else if (byte == '%') {
			int high = i + 2 < length ? hex_digit(text[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
			if (low < 0)
				return STATUS_INVALID;
			byte = (char)(high * 16 + low);
			i += 2;
		}
		out[used++] = byte;
	}
	if (!utf8_is_valid(out, used))
		return STATUS_INVALID;
	*ret_text = out;
	return STATUS_OK;
}

enum status form_parse(struct arena *arena, const char *text, size_t length, struct form *ret_form)
{
	struct form form = { arena_alloc(arena, FIELDS_MAX * sizeof(struct form_field)), 0 };
	const char *end = text + length;
	while (text < end) {
		const char *stop = memchr(text, '&', (size_t)(end - text));
		if (!stop)
			stop = end;
		const char *equals = memchr(text, '=', (size_t)(stop - text));
		const char *name_end = equals ? equals : stop;
		const char *value = equals ? equals + 1 : stop;
		if (stop > text) {
			struct form_field field;
			if (form.count == FIELDS_MAX ||
			    decode(arena, text, (size_t)(name_end - text), &field.name) !=
				    STATUS_OK ||
			    decode(arena, value, (size_t)(stop - value), &field.value) !=
				    STATUS_OK ||
			    form_get(&form, field.name))
				return STATUS_INVALID;
			form.fields[form.count++] = field;
		}
		text = stop + 1;
	}
	*ret_form = form;
	return STATUS_OK;
}

const char *form_get(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++) {
		if (strcmp(form->fields[i].name, name) == 0)
			return form->fields[i].value;
	}
	return NULL;
}

const char *form_cookie(struct arena *arena, const char *header, const char *name)
{
	const char *found = NULL;
	size_t name_length = strlen(name);
	while (header && *header) {
		header += strspn(header, " ;");
		size_t length = strcspn(header, ";");
		if (length > name_length && strncmp(header, name, name_length) == 0 &&
		    header[name_length] == '=') {
			if (found)
				return NULL;
			found = arena_strndup(arena, header + name_length + 1,
					      length - name_length - 1);
		}
		header += length;
	}
	return found;
}

const char *form_encode(struct arena *arena, const char *text)
{
	CLEANUP(buf) struct buf out = BUF_INIT(3 * strlen(text));
	percent_append(&out, text);
	return arena_strdup(arena, buf_text(&out));
}
