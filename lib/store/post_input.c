/* Reading a post from JSON. */
#include "store/post_input.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/number.h"
#include "base/utf8.h"

enum {
	PRIVACY_MAX_BYTES = 64,
	ZONE_MAX_BYTES = 64,
	CONSENT_TEXTS_MAX = 16,
	CONSENT_MAX_BYTES = 16 * 1024,
};

static const char only_me[] = "SELF_ONLY";

static void fault_add(struct post_faults *faults, struct post_fault fault)
{
	if (faults->count < POST_FAULTS_MAX)
		faults->items[faults->count++] = fault;
}

void post_fault(struct post_faults *faults, const char *field, const char *code,
		const char *message)
{
	fault_add(faults, (struct post_fault){ field, code, message, false });
}

void post_conflict(struct post_faults *faults, const char *field, const char *code,
		   const char *message)
{
	fault_add(faults, (struct post_fault){ field, code, message, true });
}

static void wrong_type(struct post_faults *faults, const char *field, const char *message)
{
	post_fault(faults, field, "wrong_type", message);
}

static bool is_null(struct json_object *body, const char *name)
{
	struct json_object *member;
	return json_object_object_get_ex(body, name, &member) && !member;
}

/* Ids are strings; a whole number is understood as well. */
static void read_id(struct json_object *body, const char *name, int64_t *id,
		    struct post_faults *faults)
{
	const char *text;
	int64_t number;
	if (json_get_int(body, name, &number) == STATUS_OK && number > 0) {
		*id = number;
		return;
	}
	enum status st = json_get_string(body, name, &text);
	if (st == STATUS_OK && number_parse(text, 1, INT64_MAX, &number) == STATUS_OK)
		*id = number;
	else if (st != STATUS_NOT_FOUND)
		wrong_type(faults, name, "Must be an id as the API gives it, a string of digits.");
	else if (is_null(body, name))
		post_fault(faults, name, "required", "Must not be null.");
}

static void read_bool(struct json_object *body, const char *name, bool *value,
		      struct post_faults *faults)
{
	if (json_get_bool(body, name, value) == STATUS_INVALID || is_null(body, name))
		wrong_type(faults, name, "Must be true or false.");
}

static void read_mode(struct json_object *body, enum post_mode *mode, struct post_faults *faults)
{
	const char *text;
	enum status st = json_get_string(body, "mode", &text);
	if (st == STATUS_OK && post_mode_parse(text, mode) == STATUS_OK)
		return;
	if (st == STATUS_OK)
		post_fault(faults, "mode", "unknown_mode", "Must be \"direct\" or \"draft\".");
	else if (st == STATUS_INVALID || is_null(body, "mode"))
		wrong_type(faults, "mode", "Must be \"direct\" or \"draft\".");
}

static void read_caption(struct json_object *body, const char **caption, struct post_faults *faults)
{
	const char *text;
	enum status st = json_get_string(body, "caption", &text);
	if (is_null(body, "caption"))
		*caption = "";
	if (st == STATUS_NOT_FOUND)
		return;
	if (st != STATUS_OK)
		wrong_type(faults, "caption", "Must be text.");
	else if (!utf8_is_valid(text, strlen(text)) || !utf8_is_printable(text, /* lines= */ true))
		post_fault(faults, "caption", "not_printable",
			   "The caption holds characters that cannot be shown, such as control "
			   "characters.");
	else if (utf8_utf16_length(text) > POST_CAPTION_UTF16_MAX)
		post_fault(faults, "caption", "too_long",
			   "The caption is longer than the 2200 characters that TikTok allows (an "
			   "emoji counts as two).");
	else
		*caption = text;
}

static void read_privacy(struct json_object *body, const char **level, struct post_faults *faults)
{
	const char *text;
	enum status st = json_get_string(body, "privacy_level", &text);
	if (is_null(body, "privacy_level"))
		*level = NULL;
	if (st == STATUS_NOT_FOUND)
		return;
	size_t length = st == STATUS_OK ? strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") : 0;
	if (st != STATUS_OK)
		wrong_type(faults, "privacy_level",
			   "Must be one of the creator's options, as text.");
	else if (length == 0 || length > PRIVACY_MAX_BYTES || text[length] != '\0')
		post_fault(faults, "privacy_level", "unknown_value",
			   "Must be one of the creator's options, such as SELF_ONLY.");
	else
		*level = text;
}

static void read_zone(struct json_object *body, const char **zone, struct post_faults *faults)
{
	const char *text;
	enum status st = json_get_string(body, "time_zone", &text);
	if (st == STATUS_NOT_FOUND)
		return;
	if (st != STATUS_OK)
		wrong_type(faults, "time_zone", "Must be the name of a time zone, as text.");
	else if (!*text || strlen(text) > ZONE_MAX_BYTES)
		post_fault(faults, "time_zone", "unknown_time_zone",
			   "There is no such time zone. Names look like Europe/Moscow.");
	else
		*zone = text;
}

static void read_due(struct json_object *body, struct post_input *input, struct post_faults *faults)
{
	const char *at = NULL, *local = NULL;
	enum status at_st = json_get_string(body, "due_at", &at);
	enum status local_st = json_get_string(body, "local_time", &local);
	if (at_st == STATUS_INVALID)
		wrong_type(faults, "due_at", "Must be a time as text, or null.");
	else if (local_st == STATUS_INVALID)
		wrong_type(faults, "local_time", "Must be a local time as text, or null.");
	else if (at && local)
		post_fault(faults, "local_time", "time_given_twice",
			   "Give due_at or local_time, not both.");
	else if (at && strcmp(at, "now") == 0)
		input->due = POST_DUE_NOW;
	else if (at && !when_is_rfc3339(at))
		post_fault(faults, "due_at", "malformed_time",
			   "Must be a time with its offset, like 2026-11-22T14:05:00Z.");
	else if (local && !when_is_local(local))
		post_fault(faults, "local_time", "malformed_time",
			   "Must be a local time, like 2026-11-22T14:05.");
	else if (at || local)
		input->due = at ? POST_DUE_AT : POST_DUE_LOCAL;
	else if (is_null(body, "due_at"))
		input->due = POST_DUE_NONE;
	input->due_text = at ? at : local;
}

static bool texts_are_good(struct json_object *texts)
{
	if (json_object_array_length(texts) > CONSENT_TEXTS_MAX)
		return false;
	for (size_t i = 0; i < json_object_array_length(texts); i++) {
		if (!json_object_is_type(json_object_array_get_idx(texts, i), json_type_string))
			return false;
	}
	return true;
}

/* PostgreSQL's jsonb takes every text but one with U+0000. */
static bool holds_nul(const char *json)
{
	return strstr(json, "\\u0000") != NULL;
}

static void read_consent(struct arena *arena, struct json_object *body, struct post_input *input,
			 struct post_faults *faults)
{
	struct json_object *texts = NULL, *options = NULL;
	bool given = false;
	enum status st = json_get_bool(body, "consent", &given);
	if (st == STATUS_INVALID)
		wrong_type(faults, "consent", "Must be true or false.");
	input->consent = st == STATUS_OK && given;
	input->consent_refused = st == STATUS_OK && !given;
	if (json_get_array(body, "consent_texts", &texts) == STATUS_INVALID ||
	    (texts && !texts_are_good(texts))) {
		wrong_type(faults, "consent_texts", "Must be a list of at most 16 texts.");
		return;
	}
	if (json_get_object(body, "consent_options", &options) == STATUS_INVALID) {
		wrong_type(faults, "consent_options", "Must be an object.");
		return;
	}
	CLEANUP(json_object_put) struct json_object *record = json_object_new_object();
	json_add(record, "texts", texts ? json_object_get(texts) : json_object_new_array());
	json_add(record, "options", json_object_get(options));
	const char *text = json_text(arena, record);
	if (strlen(text) > CONSENT_MAX_BYTES || holds_nul(text))
		post_fault(faults, "consent_texts", "too_long",
			   "The record of what was shown is too long or not text.");
	else
		input->consent_record = text;
}

static void read_cover(struct json_object *body, int64_t *cover_ms, struct post_faults *faults)
{
	int64_t value;
	enum status st = json_get_int(body, "cover_ms", &value);
	if (is_null(body, "cover_ms"))
		*cover_ms = 0;
	if (st == STATUS_NOT_FOUND)
		return;
	if (st != STATUS_OK)
		wrong_type(faults, "cover_ms", "Must be a whole number of milliseconds.");
	else if (value < 0 || value > POST_COVER_MS_MAX)
		post_fault(faults, "cover_ms", "out_of_range",
			   "The cover must lie between the start and the end of the video.");
	else
		*cover_ms = value;
}

void post_input_read(struct arena *arena, struct json_object *body, struct post_input *input,
		     struct post_faults *faults)
{
	struct post_content *content = &input->content;
	read_id(body, "account_id", &content->account_id, faults);
	read_id(body, "video_id", &content->video_id, faults);
	read_mode(body, &content->mode, faults);
	read_zone(body, &content->time_zone, faults);
	read_caption(body, &content->caption, faults);
	read_privacy(body, &content->privacy_level, faults);
	read_bool(body, "allow_comment", &content->allow_comment, faults);
	read_bool(body, "allow_duet", &content->allow_duet, faults);
	read_bool(body, "allow_stitch", &content->allow_stitch, faults);
	read_bool(body, "your_brand", &content->your_brand, faults);
	read_bool(body, "branded_content", &content->branded_content, faults);
	read_bool(body, "is_aigc", &content->is_aigc, faults);
	read_cover(body, &content->cover_ms, faults);
	read_due(body, input, faults);
	read_consent(arena, body, input, faults);
	read_bool(body, "post_again", &input->post_again, faults);
}

void post_content_check(const struct post_content *content, bool scheduled, bool audited,
			struct post_faults *faults)
{
	const char *level = content->privacy_level;
	bool private = level && strcmp(level, only_me) == 0;
	if (content->account_id == 0)
		post_fault(faults, "account_id", "required", "Choose the account to post to.");
	if (content->video_id == 0)
		post_fault(faults, "video_id", "required", "Choose a video.");
	if (content->branded_content && private)
		post_fault(faults, "branded_content", "branded_content_private",
			   "Branded content visibility cannot be set to private.");
	if (content->mode != POST_DIRECT)
		return;
	if (scheduled && !level)
		post_fault(faults, "privacy_level", "required", "Choose who can see the post.");
	if (level && !private && !audited)
		post_fault(faults, "privacy_level", "unaudited_private_only",
			   "TikTok has not audited this app yet: until then posts can only be for "
			   "\"Only me\" (SELF_ONLY), and the TikTok account must be set to "
			   "private.");
}

static bool text_differs(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) != 0 : a != b;
}

bool post_content_differs(const struct post_content *a, const struct post_content *b)
{
	return a->account_id != b->account_id || a->video_id != b->video_id || a->mode != b->mode ||
	       text_differs(a->caption, b->caption) ||
	       text_differs(a->privacy_level, b->privacy_level) ||
	       a->allow_comment != b->allow_comment || a->allow_duet != b->allow_duet ||
	       a->allow_stitch != b->allow_stitch || a->your_brand != b->your_brand ||
	       a->branded_content != b->branded_content || a->is_aigc != b->is_aigc ||
	       a->cover_ms != b->cover_ms;
}

bool post_consent_is_outdated(const struct post_content *a, const struct post_content *b)
{
	return a->account_id != b->account_id || a->video_id != b->video_id || a->mode != b->mode ||
	       (b->branded_content && !a->branded_content);
}
