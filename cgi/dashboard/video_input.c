/* Names and tags, checked. */
#include "dashboard/video_input.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/utf8.h"
#include "web/request.h"

static size_t characters(const char *text)
{
	size_t count = 0;
	for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++)
		count += (*byte & 0xc0) != 0x80;
	return count;
}

/* A copy without white space at its ends. */
static const char *trimmed(struct request *req, const char *text)
{
	size_t end = 0, step;
	while (*text && utf8_is_space(utf8_decode(text, &step)))
		text += step;
	for (size_t at = 0; text[at]; at += step) {
		if (!utf8_is_space(utf8_decode(text + at, &step)))
			end = at + step;
	}
	return arena_strndup(req->arena, text, end);
}

static const char *read_name(struct request *req)
{
	const char *text;
	enum status st = json_get_string(req->json, "name", &text);
	if (st == STATUS_NOT_FOUND)
		return NULL;
	if (st != STATUS_OK) {
		request_error(req, "name", "wrong_type", "Must be text.");
		return NULL;
	}
	const char *name = trimmed(req, text);
	if (*name == '\0' || characters(name) > VIDEO_NAME_MAX ||
	    !utf8_is_printable(name, /* lines= */ false))
		request_error(req, "name", "name_invalid",
			      "A name has 1 to 200 characters on one line.");
	return name;
}

static const char *read_tag(struct request *req, struct json_object *item)
{
	static const char words[] =
		"A tag has 1 to 40 characters on one line, none of them a comma.";
	if (!json_object_is_type(item, json_type_string)) {
		request_error(req, "tags", "wrong_type", "Must be a list of texts.");
		return NULL;
	}
	const char *text = json_object_get_string(item);
	/* What comes behind a NUL would be cut off without a word. */
	bool is_whole = strlen(text) == (size_t)json_object_get_string_len(item);
	const char *tag = trimmed(req, text);
	if (!is_whole || *tag == '\0' || characters(tag) > VIDEO_TAG_MAX || strchr(tag, ',') ||
	    !utf8_is_printable(tag, /* lines= */ false)) {
		request_error(req, "tags", "tag_invalid", words);
		return NULL;
	}
	return tag;
}

static void read_tags(struct request *req, struct video_change *change)
{
	struct json_object *list;
	enum status st = json_get_array(req->json, "tags", &list);
	if (st == STATUS_NOT_FOUND)
		return;
	if (st != STATUS_OK) {
		request_error(req, "tags", "wrong_type", "Must be a list of texts.");
		return;
	}
	size_t count = json_object_array_length(list);
	if (count > VIDEO_TAGS_MAX) {
		request_error(req, "tags", "too_many_tags", "A video has at most 20 tags.");
		return;
	}
	const char **tags = arena_alloc(req->arena, (count + 1) * sizeof(*tags));
	for (size_t i = 0; i < count; i++) {
		tags[i] = read_tag(req, json_object_array_get_idx(list, i));
		if (!tags[i])
			return;
	}
	change->tags = tags;
	change->tag_count = count;
}

enum status video_input_read(struct request *req, struct video_change *ret_change)
{
	struct video_change change = { .name = read_name(req) };
	read_tags(req, &change);
	*ret_change = change;
	return req->error_count ? STATUS_INVALID : STATUS_OK;
}
