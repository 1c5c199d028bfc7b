/* Names of downloads. */
#include "import/source_name.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/file_name.h"
#include "base/status.h"

static int hex_digit(char digit)
{
	static const char digits[] = "0123456789abcdef";
	if (digit >= 'A' && digit <= 'F')
		digit = (char)(digit - 'A' + 'a');
	const char *found = digit ? strchr(digits, digit) : NULL;
	return found ? (int)(found - digits) : -1;
}

/* Text with %XX decoded; what is no such triple stays. */
static const char *percent_decode(struct arena *arena, const char *text, size_t length)
{
	char *out = arena_alloc(arena, length + 1);
	size_t count = 0;
	for (size_t i = 0; i < length; i++) {
		int high = text[i] == '%' && i + 2 < length ? hex_digit(text[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
		/* %00 would end the name early: it is left as it is. */
		if (low >= 0 && high + low > 0) {
			out[count++] = (char)(high << 4 | low);
			i += 2;
		} else {
			out[count++] = text[i];
		}
	}
	return out;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* "..." with backslashes, text behind its opening quote. */
static const char *quoted_value(struct arena *arena, const char *text, const char **ret_rest)
{
	char *value = arena_alloc(arena, strlen(text) + 1);
	size_t count = 0;
	while (*text && *text != '"') {
		if (*text == '\\' && text[1])
			text++;
		value[count++] = *text++;
	}
	*ret_rest = *text ? text + 1 : text;
	return value;
}

static const char *parameter_value(struct arena *arena, const char *text, const char **ret_rest)
{
	text = skip_blanks(text);
	if (*text == '"')
		return quoted_value(arena, text + 1, ret_rest);
	size_t length = strcspn(text, "; \t");
	*ret_rest = text + length;
	return arena_strndup(arena, text, length);
}

/* UTF-8'language'value (RFC 8187); "" for other character sets. */
static const char *extended_value(struct arena *arena, const char *value)
{
	static const char charset[] = "UTF-8'";
	if (strncasecmp(value, charset, sizeof(charset) - 1) != 0)
		return "";
	const char *text = strchr(value + sizeof(charset) - 1, '\'');
	return text ? percent_decode(arena, text + 1, strlen(text + 1)) : "";
}

static bool name_is(const char *text, size_t length, const char *name)
{
	return length == strlen(name) && strncasecmp(text, name, length) == 0;
}

static const char *disposition_name(struct arena *arena, const char *header)
{
	const char *plain = "", *extended = "";
	const char *at = header + strcspn(header, ";");
	while (*at == ';') {
		at = skip_blanks(at + 1);
		size_t length = strcspn(at, "=; \t");
		const char *name = at;
		at = skip_blanks(at + length);
		if (*at != '=') {
			at += strcspn(at, ";");
			continue;
		}
		const char *value = parameter_value(arena, at + 1, &at);
		if (name_is(name, length, "filename*"))
			extended = extended_value(arena, value);
		else if (name_is(name, length, "filename"))
			plain = value;
		at += strcspn(at, ";");
	}
	const char *clean = file_name_clean(arena, extended, strlen(extended));
	return *clean ? clean : file_name_clean(arena, plain, strlen(plain));
}

static const char *path_name(struct arena *arena, const char *url)
{
	const char *host = strstr(url, "://");
	host = host ? host + 3 : url;
	const char *path = host + strcspn(host, "/?#");
	size_t length = strcspn(path, "?#");
	/* Split before decoding: a separator that was encoded is cut off by the cleaning. */
	size_t from = length;
	while (from > 0 && path[from - 1] != '/')
		from--;
	const char *name = percent_decode(arena, path + from, length - from);
	return file_name_clean(arena, name, strlen(name));
}

const char *source_name(struct arena *arena, const char *disposition, const char *url)
{
	const char *name = disposition ? disposition_name(arena, disposition) : "";
	return *name ? name : path_name(arena, url);
}
