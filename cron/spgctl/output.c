/* Answers of spgctl: a table or lines for people, one JSON document for programs. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"
#include "spgctl/ctl.h"

enum { CELL_MAX = 60, LAST_CELL_MAX = 160, COLUMNS_MAX = 16, TEXT_MAX = 16 * 1024 * 1024 };

void ctl_items(struct ctl *ctl, struct json_object *items, const char *columns)
{
	ctl->answer = json_object_new_object();
	json_add(ctl->answer, "items", items);
	ctl->columns = columns;
}

void ctl_object(struct ctl *ctl, struct json_object *object)
{
	ctl->answer = object;
	ctl->columns = NULL;
}

/*
 * One line of text that a terminal cannot take for a command: a caption is a stranger's. At most limit characters, the
 * rest becomes "...".
 */
static const char *plain(struct arena *arena, const char *text, size_t limit)
{
	CLEANUP(buf) struct buf out = BUF_INIT(TEXT_MAX);
	size_t length, shown = 0;
	for (; *text && shown < limit; text += length, shown++) {
		uint32_t point = utf8_decode(text, &length);
		bool command = point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0xfffd ||
			       (point >= 0x200e && point <= 0x200f) ||
			       (point >= 0x2028 && point <= 0x202e) ||
			       (point >= 0x2066 && point <= 0x2069);
		if (command)
			buf_puts(&out, point == '\n' || point == '\t' ? " " : "?");
		else
			buf_append(&out, text, length);
	}
	if (*text)
		buf_puts(&out, "...");
	return buf_ok(&out) ? arena_strdup(arena, buf_text(&out)) : "?";
}

static const char *cell(struct arena *arena, struct json_object *value, size_t limit)
{
	if (!value)
		return "-";
	if (json_object_is_type(value, json_type_boolean))
		return json_object_get_boolean(value) ? "yes" : "no";
	const char *text = json_object_is_type(value, json_type_string)
				   ? json_object_get_string(value)
				   : json_text(arena, value);
	return *text ? plain(arena, text, limit) : "-";
}

static size_t width_of(const char *text)
{
	size_t width = 0, length;
	for (; *text; text += length, width++)
		utf8_decode(text, &length);
	return width;
}

static void pad(const char *text, size_t width)
{
	fputs(text, stdout);
	for (size_t have = width_of(text); have < width; have++)
		fputc(' ', stdout);
}

/* The words of columns; at most COLUMNS_MAX. */
static size_t split(struct arena *arena, const char *columns, const char **ret_names)
{
	size_t count = 0;
	while (*columns && count < COLUMNS_MAX) {
		size_t length = strcspn(columns, " ");
		ret_names[count++] = arena_strndup(arena, columns, length);
		columns += length + strspn(columns + length, " ");
	}
	return count;
}

/* The members of the first object. */
static size_t members(struct json_object *items, const char **ret_names)
{
	size_t count = 0;
	if (json_object_array_length(items) == 0)
		return 0;
	struct json_object_iterator at =
		json_object_iter_begin(json_object_array_get_idx(items, 0));
	struct json_object_iterator end = json_object_iter_end(json_object_array_get_idx(items, 0));
	for (; !json_object_iter_equal(&at, &end) && count < COLUMNS_MAX;
	     json_object_iter_next(&at))
		ret_names[count++] = json_object_iter_peek_name(&at);
	return count;
}

/* The last column stands in nobody's way. */
static size_t limit_of(size_t column, size_t count)
{
	return column + 1 < count ? CELL_MAX : LAST_CELL_MAX;
}

static void show_row(struct arena *arena, struct json_object *item, const char **names,
		     const size_t *widths, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = item ? cell(arena, json_object_object_get(item, names[i]),
					       limit_of(i, count))
					: names[i];
		/* No blanks behind the last column. */
		pad(text, i + 1 < count ? widths[i] + 2 : 0);
	}
	fputc('\n', stdout);
}

/* columns NULL: all. */
static void show_table(struct arena *arena, struct json_object *items, const char *columns)
{
	const char *names[COLUMNS_MAX];
	size_t widths[COLUMNS_MAX];
	size_t rows = json_object_array_length(items);
	size_t count = columns ? split(arena, columns, names) : members(items, names);
	for (size_t i = 0; i < count; i++) {
		widths[i] = width_of(names[i]);
		for (size_t row = 0; row < rows; row++) {
			struct json_object *item = json_object_array_get_idx(items, row);
			size_t width = width_of(
				cell(arena, json_object_object_get(item, names[i]), CELL_MAX));
			if (width > widths[i])
				widths[i] = width;
		}
	}
	if (rows == 0) {
		fputs("none\n", stdout);
		return;
	}
	show_row(arena, NULL, names, widths, count);
	for (size_t row = 0; row < rows; row++)
		show_row(arena, json_object_array_get_idx(items, row), names, widths, count);
}

static bool is_table(struct json_object *value)
{
	return json_object_is_type(value, json_type_array) &&
	       (json_object_array_length(value) == 0 ||
		json_object_is_type(json_object_array_get_idx(value, 0), json_type_object));
}

static void show_lines(struct arena *arena, struct json_object *object)
{
	size_t width = 0;
	json_object_object_foreach(object, name, value)
	{
		if (!is_table(value) && width_of(name) > width)
			width = width_of(name);
	}
	json_object_object_foreach(object, line_name, line)
	{
		if (is_table(line))
			continue;
		pad(line_name, width + 2);
		fputs(cell(arena, line, SIZE_MAX), stdout);
		fputc('\n', stdout);
	}
	json_object_object_foreach(object, table_name, table)
	{
		if (!is_table(table))
			continue;
		fprintf(stdout, "\n%s:\n", table_name);
		show_table(arena, table, NULL);
	}
}

bool ctl_show(const struct ctl *ctl)
{
	CLEANUP(arena) struct arena arena = { 0 };
	if (ctl->json)
		fprintf(stdout, "%s\n", json_text(&arena, ctl->answer));
	else if (ctl->text)
		fprintf(stdout, "%s", ctl->text);
	else if (ctl->columns)
		show_table(&arena, json_object_object_get(ctl->answer, "items"), ctl->columns);
	else
		show_lines(&arena, ctl->answer);
	return fflush(stdout) == 0 && !ferror(stdout);
}
