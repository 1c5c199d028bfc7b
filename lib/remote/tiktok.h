/*
 * TikTok's API: requests as data and answers as structs. Only the tiktok modules know TikTok's names.
 * Sources are the sections of the API reference. Secrets in results lie in the arena.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "remote/http.h"
#include "remote/tiktok_error.h"

struct config;

struct tiktok {
	const struct config *config;
	struct secret client_secret; /* empty where the program needs none */
};

/* What TikTok said when it did not say yes. code is never NULL: "ok" when all is well. */
struct tiktok_error {
	const char *code;
	const char *log_id; /* for TikTok's support; NULL when absent */
	long http_status;
	const struct tiktok_meaning *meaning;
};

/* 1.5, 1.7 */
struct tiktok_tokens {
	const char *open_id;
	const char *scope; /* comma-separated, as granted */
	struct secret access_token, refresh_token;
	int64_t expires_in, refresh_expires_in; /* seconds */
};

/* 2.1; members that were not granted or not sent are "" */
struct tiktok_user {
	const char *open_id, *display_name, *username, *avatar_url;
};

/* 3.1 */
struct tiktok_creator_info {
	const char *nickname, *username, *avatar_url;
	const char **privacy_options;
	size_t privacy_option_count;
	bool comment_disabled, duet_disabled, stitch_disabled;
	int64_t max_duration_s;
};

/* 3.2, 3.3: what a post says; interactions are as the user allowed them */
struct tiktok_post {
	bool draft;
	const char *caption, *privacy_level;
	bool allow_comment, allow_duet, allow_stitch;
	bool your_brand, branded_content, is_aigc;
	int64_t cover_ms;
	const char *pull_url; /* TikTok fetches the video there (3.6); NULL: it is uploaded */
	int64_t video_size, chunk_size, chunk_count;
};

struct tiktok_init {
	const char *publish_id;
	struct secret upload_url; /* empty for a pull */
};

/* 3.7 */
enum tiktok_post_status {
	TIKTOK_PROCESSING_UPLOAD,
	TIKTOK_PROCESSING_DOWNLOAD,
	TIKTOK_SEND_TO_USER_INBOX,
	TIKTOK_PUBLISH_COMPLETE,
	TIKTOK_FAILED,
	TIKTOK_STATUS_UNKNOWN, /* a word that the reference does not have */
};

struct tiktok_status {
	enum tiktok_post_status status;
	const char *word;	 /* as sent */
	const char *fail_reason; /* "" unless FAILED */
	const char **public_ids; /* decimal, never through a double */
	size_t public_id_count;
	int64_t uploaded_bytes, downloaded_bytes; /* -1 when not told */
};

/* 2.4: a public video of the creator's; texts are never NULL */
struct tiktok_video {
	const char *id;			 /* decimal, never through a double */
	int64_t create_time;		 /* Unix seconds */
	const char *description, *title; /* as written, but for their end: at most 150 characters */
	const char *share_url;		 /* under https://www.tiktok.com/, else "" */
};

struct tiktok_video_list {
	struct tiktok_video *videos; /* newest first */
	size_t count;
};

/* The least that TikTok can be asked for: who it is. */
#define TIKTOK_SCOPE_WHO "user.info.basic"

/* The address of the consent page (1.1). scopes: comma-separated; challenge: hex of 1.3, or NULL. */
const char *tiktok_authorize_url(const struct tiktok *tiktok, struct arena *arena,
				 const char *scopes, const char *state, const char *challenge);
/* The redirect URI: one constant of the configuration. */
const char *tiktok_redirect_uri(const struct tiktok *tiktok, struct arena *arena);

/* Requests. Token requests use a fresh connection: what was sent must be known. */
struct http_request tiktok_code_request(const struct tiktok *tiktok, struct arena *arena,
					const char *code, const char *verifier);
struct http_request tiktok_refresh_request(const struct tiktok *tiktok, struct arena *arena,
					   struct secret refresh_token);
struct http_request tiktok_revoke_request(const struct tiktok *tiktok, struct arena *arena,
					  struct secret access_token);
/* scope: as granted, so that only granted fields are asked for (2.1). */
struct http_request tiktok_user_request(const struct tiktok *tiktok, struct arena *arena,
					struct secret access_token, const char *scope);
struct http_request tiktok_creator_info_request(const struct tiktok *tiktok, struct arena *arena,
						struct secret access_token);
struct http_request tiktok_init_request(const struct tiktok *tiktok, struct arena *arena,
					struct secret access_token, const struct tiktok_post *post);
struct http_request tiktok_status_request(const struct tiktok *tiktok, struct arena *arena,
					  struct secret access_token, const char *publish_id);
/* Ends a pull that is under way, if TikTok can still (3.8). */
struct http_request tiktok_cancel_request(const struct tiktok *tiktok, struct arena *arena,
					  struct secret access_token, const char *publish_id);
/* The newest 20 public videos; needs the scope video.list. */
struct http_request tiktok_video_list_request(const struct tiktok *tiktok, struct arena *arena,
					      struct secret access_token);
/* One chunk [first, last] of total bytes out of fd (3.5.3). content_type: of the container. */
struct http_request tiktok_chunk_request(struct arena *arena, struct secret upload_url, int fd,
					 int64_t first, int64_t last, int64_t total,
					 const char *content_type);

/*
 * Answers. STATUS_OK: ret_ is filled and error->code is "ok". STATUS_REFUSED: TikTok said no, see
 * error. STATUS_RETRY: a 5xx or an answer that cannot be understood: what happened is unknown.
 */
MUST_CHECK enum status tiktok_tokens_parse(struct arena *arena, const struct http_answer *answer,
					   struct tiktok_tokens *ret_tokens,
					   struct tiktok_error *ret_error);
MUST_CHECK enum status tiktok_revoke_parse(struct arena *arena, const struct http_answer *answer,
					   struct tiktok_error *ret_error);
MUST_CHECK enum status tiktok_user_parse(struct arena *arena, const struct http_answer *answer,
					 struct tiktok_user *ret_user,
					 struct tiktok_error *ret_error);
MUST_CHECK enum status tiktok_creator_info_parse(struct arena *arena,
						 const struct http_answer *answer,
						 struct tiktok_creator_info *ret_info,
						 struct tiktok_error *ret_error);
MUST_CHECK enum status tiktok_init_parse(struct arena *arena, const struct http_answer *answer,
					 struct tiktok_init *ret_init,
					 struct tiktok_error *ret_error);
/* The answer to an init with a pull_url: there is no upload address, whatever it says. */
MUST_CHECK enum status tiktok_pull_parse(struct arena *arena, const struct http_answer *answer,
					 struct tiktok_init *ret_init,
					 struct tiktok_error *ret_error);
MUST_CHECK enum status tiktok_status_parse(struct arena *arena, const struct http_answer *answer,
					   struct tiktok_status *ret_status,
					   struct tiktok_error *ret_error);
MUST_CHECK enum status tiktok_cancel_parse(struct arena *arena, const struct http_answer *answer,
					   struct tiktok_error *ret_error);
/* Videos without an id or a time are left out. */
MUST_CHECK enum status tiktok_video_list_parse(struct arena *arena,
					       const struct http_answer *answer,
					       struct tiktok_video_list *ret_list,
					       struct tiktok_error *ret_error);

/*
 * Bytes may go to https addresses under tiktokapis.com and, when the API's own origin is loopback,
 * to that host (design 8, B67).
 */
bool tiktok_upload_url_is_safe(const struct tiktok *tiktok, struct arena *arena, const char *url);

/*
 * A creator's picture. Only TikTok's own image hosts are asked (and, when the API's origin is loopback,
 * that host). STATUS_INVALID when url is of another.
 */
MUST_CHECK enum status tiktok_avatar_request(const struct tiktok *tiktok, struct arena *arena,
					     const char *url, struct http_request *ret_request);
/* The media type of a JPEG, PNG or WebP answer by its first bytes, NULL when it is none of them. */
const char *tiktok_avatar_type(const struct http_answer *answer);

/* "video/mp4", "video/quicktime" or "video/webm" for our container names. */
const char *tiktok_content_type(const char *container);

/* The public address of a post (3.7). */
const char *tiktok_public_url(struct arena *arena, const char *username, const char *public_id);

/* True when a comma-separated scope list holds scope. */
bool tiktok_scope_has(const char *scopes, const char *scope);
