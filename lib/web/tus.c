/* tus 1.0 headers. */
#include "web/tus.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/config.h"
#include "base/file_name.h"
#include "base/number.h"
#include "base/token.h"
#include "web/request.h"
#include "web/response.h"

static const char version[] = "1.0.0";

enum { PAIRS_MAX = 32 };

void tus_answer(struct response *res, int status)
{
	response_header(res, "Tus-Resumable", version);
	response_empty(res, status);
}

void tus_refuse(struct request *req, struct response *res, int status, const char *code,
		const char *detail)
{
	response_header(res, "Tus-Resumable", version);
	/* A problem document is always made. */
	(void)response_problem(req, res, status, code, detail);
}

void tus_refuse_for_now(struct request *req, struct response *res, int status, int seconds,
			const char *code, const char *detail)
{
	response_header(res, "Retry-After", arena_printf(req->arena, "%d", seconds));
	tus_refuse(req, res, status, code, detail);
}

void tus_options(struct response *res)
{
	char size[24];
	snprintf(size, sizeof(size), "%" PRId64, TUS_MAX_SIZE);
	response_header(res, "Tus-Version", version);
	response_header(res, "Tus-Extension",
			"creation,creation-with-upload,creation-defer-length,checksum,"
			"concatenation,termination,expiration");
	response_header(res, "Tus-Max-Size", size);
	response_header(res, "Tus-Checksum-Algorithm", DIGEST_NAMES);
	tus_answer(res, 204);
}

bool tus_version_check(struct request *req, struct response *res)
{
	const char *sent = request_param(req, "HTTP_TUS_RESUMABLE");
	if (sent && strcmp(sent, version) == 0)
		return true;
	response_header(res, "Tus-Version", version);
	tus_refuse(
		req, res, 412, "tus_version",
		"This server speaks version 1.0.0 of the tus protocol. Send Tus-Resumable: 1.0.0.");
	return false;
}

enum status tus_size_header(struct request *req, const char *param, int64_t *ret_size)
{
	switch (request_param_count(req, param)) {
	case 0:
		return STATUS_NOT_FOUND;
	case 1:
		return number_parse(request_param(req, param), 0, INT64_MAX, ret_size);
	default:
		return STATUS_INVALID;
	}
}

bool tus_has_upload_body(struct request *req)
{
	static const char wanted[] = "application/offset+octet-stream";
	const char *type = request_param(req, "CONTENT_TYPE");
	size_t length = sizeof(wanted) - 1;
	return type && strncasecmp(type, wanted, length) == 0 &&
	       (type[length] == '\0' || type[length] == ';' || type[length] == ' ');
}

struct pair {
	const char *key;
	size_t key_length;
	const char *value;
	size_t value_length;
};

static bool key_is_good(const char *key, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (key[i] <= 0x20 || key[i] >= 0x7f)
			return false;
	}
	return length > 0;
}

/* The pair in text up to a comma; blanks around it do not count. */
static bool pair_split(const char *text, size_t length, struct pair *ret_pair)
{
	while (length > 0 && *text == ' ') {
		text++;
		length--;
	}
	while (length > 0 && text[length - 1] == ' ')
		length--;
	const char *blank = memchr(text, ' ', length);
	size_t key_length = blank ? (size_t)(blank - text) : length;
	*ret_pair = (struct pair){ text, key_length, text + length, 0 };
	if (blank) {
		ret_pair->value = blank + 1;
		ret_pair->value_length = length - key_length - 1;
	}
	return key_is_good(text, key_length);
}

static bool key_is(const struct pair *pair, const char *key)
{
	return pair->key_length == strlen(key) && memcmp(pair->key, key, pair->key_length) == 0;
}

static bool key_is_repeated(const struct pair *pairs, size_t count, const struct pair *pair)
{
	for (size_t i = 0; i < count; i++) {
		if (pairs[i].key_length == pair->key_length &&
		    memcmp(pairs[i].key, pair->key, pair->key_length) == 0)
			return true;
	}
	return false;
}

enum status tus_metadata_parse(struct arena *arena, const char *raw, const char **ret_name)
{
	struct pair pairs[PAIRS_MAX];
	size_t count = 0;
	const char *name = "", *filename = "";
	if (strlen(raw) > TUS_METADATA_MAX)
		return STATUS_INVALID;
	/* tuspy sends an empty header. */
	bool more = raw[strspn(raw, " ")] != '\0';
	while (more) {
		size_t length = strcspn(raw, ",");
		struct pair pair;
		char *bytes;
		size_t byte_count;
		if (count == PAIRS_MAX || !pair_split(raw, length, &pair) ||
		    key_is_repeated(pairs, count, &pair) ||
		    base64_decode(arena, pair.value, pair.value_length, &bytes, &byte_count) !=
			    STATUS_OK)
			return STATUS_INVALID;
		pairs[count++] = pair;
		if (key_is(&pair, "filename"))
			filename = file_name_clean(arena, bytes, byte_count);
		else if (key_is(&pair, "name"))
			name = file_name_clean(arena, bytes, byte_count);
		more = raw[length] == ',';
		raw += length + 1;
	}
	*ret_name = *filename ? filename : name;
	return STATUS_OK;
}

enum status tus_metadata(struct request *req, const char **ret_raw, const char **ret_name)
{
	int count = request_param_count(req, "HTTP_UPLOAD_METADATA");
	const char *raw = count == 1 ? request_param(req, "HTTP_UPLOAD_METADATA") : "";
	if (count > 1)
		return STATUS_INVALID;
	*ret_raw = raw;
	return tus_metadata_parse(req->arena, raw, ret_name);
}

enum status tus_checksum_parse(struct arena *arena, const char *raw,
			       struct tus_checksum *ret_checksum)
{
	struct tus_checksum checksum = { .is_given = true };
	size_t name_length = strcspn(raw, " "), length;
	char *bytes;
	if (raw[name_length] == '\0' || name_length == 0)
		return STATUS_INVALID;
	if (digest_kind_parse(raw, name_length, &checksum.kind) != STATUS_OK)
		return STATUS_REFUSED;
	const char *text = raw + name_length + 1;
	if (base64_decode(arena, text, strlen(text), &bytes, &length) != STATUS_OK ||
	    length != digest_size(checksum.kind))
		return STATUS_INVALID;
	checksum.bytes = bytes;
	*ret_checksum = checksum;
	return STATUS_OK;
}

bool tus_checksum_check(struct request *req, struct response *res,
			struct tus_checksum *ret_checksum)
{
	*ret_checksum = (struct tus_checksum){ 0 };
	int count = request_param_count(req, "HTTP_UPLOAD_CHECKSUM");
	if (count == 0)
		return true;
	enum status st = STATUS_INVALID;
	if (count == 1)
		st = tus_checksum_parse(req->arena, request_param(req, "HTTP_UPLOAD_CHECKSUM"),
					ret_checksum);
	if (st == STATUS_OK)
		return true;
	if (st == STATUS_REFUSED)
		tus_refuse(req, res, 400, "checksum_algorithm",
			   "Upload-Checksum can be made by " DIGEST_NAMES ".");
	else
		tus_refuse(req, res, 400, "upload_checksum",
			   "Upload-Checksum must be an algorithm, a blank and a digest of its size "
			   "in Base64.");
	return false;
}

/* The id of one of our uploads from the first length bytes of its address. */
static enum status id_parse(struct arena *arena, const char *address, size_t length,
			    const char *public_url, const char **ret_id)
{
	static const char path[] = "/uploads/";
	size_t origin = strlen(public_url);
	if (length > origin && strncmp(address, public_url, origin) == 0) {
		address += origin;
		length -= origin;
	}
	if (length < strlen(path) || strncmp(address, path, strlen(path)) != 0)
		return STATUS_INVALID;
	*ret_id = arena_strndup(arena, address + strlen(path), length - strlen(path));
	return token_is_name(*ret_id) ? STATUS_OK : STATUS_INVALID;
}

enum status tus_concat_parse(struct arena *arena, const char *raw, const char *public_url,
			     struct tus_concat *ret_concat)
{
	static const char final[] = "final;";
	struct tus_concat concat = { .raw = raw };
	if (strlen(raw) > TUS_CONCAT_MAX)
		return STATUS_INVALID;
	concat.is_partial = strcmp(raw, "partial") == 0;
	concat.is_final = strncmp(raw, final, strlen(final)) == 0;
	for (const char *at = raw + strlen(final); concat.is_final && *at;) {
		size_t length = strcspn(at, " ");
		if (length > 0 && (concat.id_count == TUS_PARTS_MAX ||
				   id_parse(arena, at, length, public_url,
					    &concat.ids[concat.id_count++]) != STATUS_OK))
			return STATUS_INVALID;
		at += length + strspn(at + length, " ");
	}
	if (!concat.is_partial && concat.id_count == 0)
		return STATUS_INVALID;
	*ret_concat = concat;
	return STATUS_OK;
}

enum status tus_concat(struct request *req, struct tus_concat *ret_concat)
{
	*ret_concat = (struct tus_concat){ .raw = "" };
	int count = request_param_count(req, "HTTP_UPLOAD_CONCAT");
	if (count == 0)
		return STATUS_OK;
	if (count > 1)
		return STATUS_INVALID;
	return tus_concat_parse(req->arena, request_param(req, "HTTP_UPLOAD_CONCAT"),
				req->config->public_url, ret_concat);
}

const char *tus_date(struct arena *arena, int64_t unix_time)
{
	/* Not strftime: the names are English whatever the locale. */
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t time = (time_t)unix_time;
	struct tm utc;
	gmtime_r(&time, &utc);
	return arena_printf(arena, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[utc.tm_wday],
			    utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour,
			    utc.tm_min, utc.tm_sec);
}

void tus_add_offset(struct request *req, struct response *res, int64_t offset)
{
	response_header(res, "Upload-Offset", arena_printf(req->arena, "%" PRId64, offset));
}

void tus_add_expires(struct request *req, struct response *res, int64_t unix_time)
{
	response_header(res, "Upload-Expires", tus_date(req->arena, unix_time));
}

void tus_add_video(struct request *req, struct response *res, int64_t video_id)
{
	response_header(res, "Spg-Video-Id", arena_printf(req->arena, "%" PRId64, video_id));
}

void tus_add_length(struct request *req, struct response *res, int64_t length)
{
	response_header(res, "Upload-Length", arena_printf(req->arena, "%" PRId64, length));
}
