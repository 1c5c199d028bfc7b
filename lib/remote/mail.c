/* Writing mail. */
#include "remote/mail.h"

#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/status.h"

enum {
	ADDRESS_MAX = 254,
	LOCAL_MAX = 64,
	WORD_BYTES = 45, /* 60 characters of base64: an encoded word has at most 75 (RFC 2047, 2) */
	LINE_CHARACTERS = 76,
	MAIL_MAX_BYTES = 256 * 1024,
};

#define ALPHANUMERIC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* No dot at either end, no two in a row. */
static bool dots_are_inside(const char *text, size_t length)
{
	if (text[0] == '.' || text[length - 1] == '.')
		return false;
	for (size_t i = 1; i < length; i++) {
		if (text[i] == '.' && text[i - 1] == '.')
			return false;
	}
	return true;
}

bool mail_address_is_valid(const char *address)
{
	size_t local = strspn(address, ALPHANUMERIC "!#$%&'*+/=?^_`{|}~.-");
	if (local == 0 || local > LOCAL_MAX || address[local] != '@' ||
	    strlen(address) > ADDRESS_MAX || !dots_are_inside(address, local))
		return false;
	/* Mail programs may take a word that begins so for an option. */
	if (address[0] == '-')
		return false;
	const char *host = address + local + 1;
	size_t length = strspn(host, ALPHANUMERIC ".-");
	return length > 0 && host[length] == '\0' && host[0] != '-' && host[length - 1] != '-' &&
	       dots_are_inside(host, length);
}

/* Encoded words, one a line; a character is never split. */
static void put_words(struct buf *out, struct arena *arena, const char *text)
{
	size_t left = strlen(text);
	while (left > 0) {
		size_t length = left < WORD_BYTES ? left : WORD_BYTES;
		while (length > 1 && length < left && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
		buf_printf(out, "=?UTF-8?B?%s?=", base64_encode(arena, text, length));
		text += length;
		left -= length;
		if (left > 0)
			buf_puts(out, "\n ");
	}
}

/* Always encoded: then nothing in text can mean anything. */
static void put_header(struct buf *out, struct arena *arena, const char *name, const char *text)
{
	buf_printf(out, "%s: ", name);
	put_words(out, arena, text);
	buf_puts(out, "\n");
}

static void put_date(struct buf *out)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t now = time(NULL);
	struct tm tm;
	if (gmtime_r(&now, &tm))
		buf_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\n", days[tm.tm_wday],
			   tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
			   tm.tm_sec);
}

/* Text in MIME ends its lines by CR LF (RFC 2045, 6.8), also inside of base64. */
static void put_body(struct buf *out, struct arena *arena, const char *body)
{
	CLEANUP(buf) struct buf text = BUF_INIT(MAIL_MAX_BYTES);
	while (*body) {
		size_t line = strcspn(body, "\n");
		buf_append(&text, body, line);
		buf_puts(&text, "\r\n");
		body += line + (body[line] ? 1 : 0);
	}
	const char *encoded = base64_encode(arena, buf_text(&text), text.length);
	for (size_t left = strlen(encoded); left > 0;) {
		size_t length = left < LINE_CHARACTERS ? left : LINE_CHARACTERS;
		buf_append(out, encoded, length);
		buf_puts(out, "\n");
		encoded += length;
		left -= length;
	}
}

const char *mail_text(struct arena *arena, const struct mail *mail)
{
	CLEANUP(buf) struct buf out = BUF_INIT(MAIL_MAX_BYTES);
	buf_puts(&out, "From: ");
	put_words(&out, arena, mail->from_name);
	buf_printf(&out, "\n <%s>\nTo: <%s>\n", mail->from, mail->to);
	if (mail->reply_to)
		buf_printf(&out, "Reply-To: <%s>\n", mail->reply_to);
	put_header(&out, arena, "Subject", mail->subject);
	put_date(&out);
	buf_printf(&out, "Message-ID: <%s>\n", mail->message_id);
	/* Nobody's machine is to answer this one (RFC 3834). */
	buf_puts(&out, "Auto-Submitted: auto-generated\n"
		       "MIME-Version: 1.0\n"
		       "Content-Type: text/plain; charset=utf-8\n"
		       "Content-Transfer-Encoding: base64\n\n");
	put_body(&out, arena, mail->body);
	if (!buf_ok(&out))
		log_die("mail_too_long");
	return arena_strdup(arena, buf_text(&out));
}
