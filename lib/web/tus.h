/*
 * The syntax of tus 1.0 and all its extensions that FastCGI can carry (not checksum-trailer): request
 * headers in, answers out. Every answer of the upload program is made here.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/status.h"

struct arena;
struct request;
struct response;

#define TUS_MAX_SIZE INT64_C(4000000000) /* bytes; what TikTok takes */

enum {
	TUS_METADATA_MAX = 4096, /* bytes of the Upload-Metadata header */
	TUS_CONCAT_MAX = 7168,	 /* bytes of the Upload-Concat header */
	TUS_PARTS_MAX = 64,	 /* partial uploads that one Upload-Concat names */
};

/* True when the request speaks version 1.0.0; else answered with 412 and the versions we speak. */
bool tus_version_check(struct request *req, struct response *res);

/* A header with a size in bytes. STATUS_NOT_FOUND: not sent; STATUS_INVALID: twice, or no number. */
MUST_CHECK enum status tus_size_header(struct request *req, const char *param, int64_t *ret_size);

/* True when the body is said to be bytes of an upload. */
bool tus_has_upload_body(struct request *req);

/*
 * The Upload-Metadata header: ret_raw as it came ("" for none), ret_name its file name made fit to
 * be shown, "" for none. STATUS_INVALID: sent twice, too long or not made as tus says.
 */
MUST_CHECK enum status tus_metadata(struct request *req, const char **ret_raw,
				    const char **ret_name);

/* The same without a request: check raw and find the name. */
MUST_CHECK enum status tus_metadata_parse(struct arena *arena, const char *raw,
					  const char **ret_name);

/* Upload-Checksum. */
struct tus_checksum {
	bool is_given;
	enum digest_kind kind;
	const void *bytes; /* digest_size(kind) of them */
};

/* The Upload-Checksum header where there is one; else false: answered. */
bool tus_checksum_check(struct request *req, struct response *res,
			struct tus_checksum *ret_checksum);

/* The same without a request. STATUS_REFUSED: an algorithm that is not offered; STATUS_INVALID: malformed. */
MUST_CHECK enum status tus_checksum_parse(struct arena *arena, const char *raw,
					  struct tus_checksum *ret_checksum);

/* Upload-Concat. */
struct tus_concat {
	const char *raw; /* as it came, "" for none */
	bool is_partial, is_final;
	const char *ids[TUS_PARTS_MAX]; /* of the uploads that a final one names, in order */
	size_t id_count;
};

/*
 * The Upload-Concat header; a final one may name uploads by path or by our own whole address.
 * STATUS_INVALID: sent twice, not made as tus says, no uploads, more than TUS_PARTS_MAX, or not ours.
 */
MUST_CHECK enum status tus_concat(struct request *req, struct tus_concat *ret_concat);
MUST_CHECK enum status tus_concat_parse(struct arena *arena, const char *raw,
					const char *public_url, struct tus_concat *ret_concat);

/* A time as HTTP writes it (RFC 9110 5.6.7, IMF-fixdate). */
const char *tus_date(struct arena *arena, int64_t unix_time);

/* An answer without a body, with the headers that each has. */
void tus_answer(struct response *res, int status);

/* A refusal: a problem document with the same headers. detail is for people. */
void tus_refuse(struct request *req, struct response *res, int status, const char *code,
		const char *detail);

/* The same with Retry-After. */
void tus_refuse_for_now(struct request *req, struct response *res, int status, int seconds,
			const char *code, const char *detail);

/* What OPTIONS answers. */
void tus_options(struct response *res);

/* Headers of an answer. */
void tus_add_offset(struct request *req, struct response *res, int64_t offset);
void tus_add_expires(struct request *req, struct response *res, int64_t unix_time);
void tus_add_video(struct request *req, struct response *res, int64_t video_id);
void tus_add_length(struct request *req, struct response *res, int64_t length);
