/* What people write: read, made fit to be stored, checked. */
#include "support/support.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "base/number.h"
#include "base/token.h"
#include "base/utf8.h"
#include "remote/mail.h"
#include "web/request.h"

enum {
	HASTE_SECONDS = 3, /* nobody writes to support that fast */
	FORM_MAX_BYTES = 200,
};

static const char form_purpose[] = "support form";
static const char trap_field[] = "website";
static const char deletion_body[] =
	"Please erase everything that you hold about this TikTok account.";

/* CR LF, as browsers send it, and CR become LF; blanks at both ends go. */
static const char *normal(struct arena *arena, const char *text)
{
	char *out = arena_strdup(arena, text), *end = out;
	for (const char *byte = out; *byte; byte++) {
		if (*byte == '\r' && byte[1] == '\n')
			continue;
		*end++ = *byte;
		if (*byte == '\r')
			end[-1] = '\n';
	}
	*end = '\0';
	while (end > out && strchr(" \t\n", end[-1]))
		*--end = '\0';
	return out + strspn(out, " \t\n");
}

/* A field of the form or JSON object, NULL when it was not sent or is of another type. */
static const char *field(struct request *req, const char *name)
{
	const char *text = form_get(&req->form, name);
	if (req->json && json_get_string(req->json, name, &text) == STATUS_INVALID)
		request_error(req, name, "wrong_type", "Must be text.");
	if (!text)
		return NULL;
	return utf8_is_valid(text, strlen(text)) ? normal(req->arena, text) : NULL;
}

/* Text that fits: "" where none is needed. */
static const char *read_text(struct request *req, const char *name, size_t max, bool lines,
			     const char *too_long)
{
	const char *text = field(req, name);
	if (text && strlen(text) > max)
		request_error(req, name, "too_long", too_long);
	else if (text && !utf8_is_printable(text, lines))
		request_error(req, name, "control_characters",
			      "There are control characters in it. Remove them, or type it anew.");
	return text ? text : "";
}

static const char *read_message(struct request *req)
{
	return read_text(req, "message", SUPPORT_BODY_MAX, /* lines= */ true,
			 "This is too long: 20,000 characters at most, fewer in other scripts "
			 "than Latin. Send it in parts.");
}

static const char *read_email(struct request *req)
{
	const char *email = read_text(req, "email", SUPPORT_EMAIL_MAX, /* lines= */ false,
				      "An e-mail address has 254 characters at most.");
	if (*email && strlen(email) <= SUPPORT_EMAIL_MAX && !mail_address_is_valid(email))
		request_error(req, "email", "address_invalid",
			      "This is no e-mail address. Correct it, or leave it empty.");
	return email;
}

struct support_input input_reply(struct request *req)
{
	struct support_input input = { .message = read_message(req) };
	if (!*input.message && req->error_count == 0)
		request_error(req, "message", "missing", "Write your message here.");
	return input;
}

static bool asks_for_deletion(struct request *req)
{
	const char *kind = form_get(&req->form, "kind");
	if (!kind)
		kind = form_get(&req->query, "kind");
	return kind && !req->json && strcmp(kind, "deletion") == 0;
}

struct support_input input_thread(struct request *req)
{
	struct support_input input = { .is_deletion = asks_for_deletion(req) };
	input.email = read_email(req);
	if (input.is_deletion) {
		input.subject = "";
		input.tiktok_name =
			read_text(req, "tiktok_name", SUPPORT_NAME_MAX,
				  /* lines= */ false, "A user name of TikTok is shorter.");
		input.message = read_message(req);
		if (!*input.tiktok_name)
			request_error(req, "tiktok_name", "missing",
				      "Write the user name of the TikTok account.");
		return input;
	}
	input.tiktok_name = "";
	input.subject =
		read_text(req, "subject", SUPPORT_SUBJECT_MAX, /* lines= */ false,
			  "This is too long for a subject. Write the rest into the message.");
	if (!*input.subject)
		request_error(req, "subject", "missing", "Say in a few words what it is about.");
	input.message = read_message(req);
	if (!*input.message)
		request_error(req, "message", "missing", "Write your message here.");
	return input;
}

struct support_draft input_draft(const struct request *req, const struct support_input *input,
				 const char *form)
{
	return (struct support_draft){
		.user_id = req->user_id,
		.kind = input->is_deletion ? "deletion" : "question",
		.subject = input->subject,
		.body = *input->message ? input->message : deletion_body,
		.email = input->email,
		.tiktok_name = input->tiktok_name,
		.address = req->address,
		.form = form,
	};
}

static const char *form_seal(struct request *req, const char *moment, const char *random)
{
	return token_derive(req->arena, form_purpose,
			    arena_printf(req->arena, "%s.%s.%s", req->csrf_token, moment, random));
}

const char *input_form_new(struct request *req)
{
	const char *moment = arena_printf(req->arena, "%" PRId64, (int64_t)time(NULL));
	const char *random = token_new(req->arena);
	return arena_printf(req->arena, "%s.%s.%s", moment, random, form_seal(req, moment, random));
}

/* The moment when the form was shown; STATUS_INVALID: it is none of ours for this visitor. */
static enum status form_moment(struct request *req, const char *form, int64_t *ret_moment)
{
	if (!form || strlen(form) > FORM_MAX_BYTES)
		return STATUS_INVALID;
	const char *first = strchr(form, '.');
	const char *second = first ? strchr(first + 1, '.') : NULL;
	if (!second)
		return STATUS_INVALID;
	const char *moment = arena_strndup(req->arena, form, (size_t)(first - form));
	const char *random = arena_strndup(req->arena, first + 1, (size_t)(second - first - 1));
	if (!token_is_word(random) || !token_equal(second + 1, form_seal(req, moment, random)))
		return STATUS_INVALID;
	return number_parse(moment, 0, INT64_MAX, ret_moment);
}

static enum status trapped(const char *how)
{
	log_info("support_trapped by=%s", how);
	return STATUS_REFUSED;
}

enum status input_form(struct request *req, const char **ret_form)
{
	const char *form = form_get(&req->form, "form");
	int64_t moment;
	enum status st = form_moment(req, form, &moment);
	if (req->user_id) {
		*ret_form = st == STATUS_OK ? form : token_new(req->arena);
		return STATUS_OK;
	}
	const char *trap = form_get(&req->form, trap_field);
	if (trap && *trap)
		return trapped("field");
	if (st != STATUS_OK)
		return trapped("form");
	if (time(NULL) - moment < HASTE_SECONDS)
		return trapped("haste");
	*ret_form = form;
	return STATUS_OK;
}

const char *input_wait_text(struct request *req, int64_t seconds)
{
	enum { MINUTE = 60, HOUR = 3600 };
	int64_t unit = seconds < 2 * HOUR ? MINUTE : HOUR;
	int64_t count = (seconds + unit - 1) / unit;
	return arena_printf(req->arena, "about %" PRId64 " %s%s", count,
			    unit == MINUTE ? "minute" : "hour", count == 1 ? "" : "s");
}
