/* The error table. */
#include "remote/tiktok_error.h"

#include <stddef.h>
#include <string.h>

#include "base/status.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE };

#define RECONNECT_REMEDY                                                                           \
	"reconnect", "Reconnect the TikTok account; the post then goes on by itself."
#define AUTOMATIC_REMEDY "automatic", "Nothing to do: it is tried again by itself."
#define EDIT_REMEDY	 "edit", "Edit the post and schedule it again."
#define MEDIA_REMEDY	 "replace_video", "Upload a corrected video and use it in this post."
#define OPERATOR_REMEDY	 "operator", "The operator of this site must correct its TikTok settings."
#define NONE_REMEDY	 "none", "Nothing can be done about this post here."

static const struct tiktok_meaning meanings[] = {
	{ "ok", TIKTOK_FINE, 0, "All is well.", "none", "" },

	/* OAuth (1.10) */
	{ "access_denied", TIKTOK_RECONNECT, 0, "Access was not granted.", RECONNECT_REMEDY },
	{ "invalid_grant", TIKTOK_RECONNECT, 0, "TikTok no longer accepts this connection.",
	  RECONNECT_REMEDY },
	{ "invalid_client", TIKTOK_OPERATOR, 0,
	  "TikTok does not accept this site's client key or secret.", OPERATOR_REMEDY },
	{ "invalid_request", TIKTOK_OPERATOR, 0, "TikTok found the request malformed.",
	  OPERATOR_REMEDY },
	{ "invalid_scope", TIKTOK_OPERATOR, 0,
	  "This site's TikTok app does not have a permission it asks for.", OPERATOR_REMEDY },
	{ "unauthorized_client", TIKTOK_OPERATOR, 0, "This site's TikTok app is not live.",
	  OPERATOR_REMEDY },
	{ "unsupported_grant_type", TIKTOK_OPERATOR, 0, "TikTok found the request malformed.",
	  OPERATOR_REMEDY },
	{ "unsupported_response_type", TIKTOK_OPERATOR, 0, "TikTok found the request malformed.",
	  OPERATOR_REMEDY },
	{ "server_error", TIKTOK_RETRY, 0, "TikTok had an internal error.", AUTOMATIC_REMEDY },
	{ "temporarily_unavailable", TIKTOK_RETRY, 0, "TikTok is overloaded.", AUTOMATIC_REMEDY },

	/* any call (1.10) */
	{ "access_token_invalid", TIKTOK_REFRESH, 0, "TikTok no longer accepts this connection.",
	  RECONNECT_REMEDY },
	{ "scope_not_authorized", TIKTOK_RECONNECT, 0,
	  "The creator has not granted the permission that this needs.", "reconnect",
	  "Reconnect the TikTok account and leave all permissions ticked." },
	{ "scope_permission_missed", TIKTOK_RECONNECT, 0,
	  "The creator has not granted a permission that this needs.", "reconnect",
	  "Reconnect the TikTok account and leave all permissions ticked." },
	{ "invalid_param", TIKTOK_PERMANENT, 0, "TikTok refused the request as malformed.",
	  EDIT_REMEDY },
	{ "invalid_params", TIKTOK_PERMANENT, 0, "TikTok refused the request as malformed.",
	  EDIT_REMEDY },
	{ "invalid_file_upload", TIKTOK_PERMANENT, 0, "The file breaks TikTok's requirements.",
	  MEDIA_REMEDY },
	{ "rate_limit_exceeded", TIKTOK_WAIT, MINUTE,
	  "Too many requests for this account within a minute.", AUTOMATIC_REMEDY },
	{ "internal_error", TIKTOK_RETRY, 0, "TikTok had an internal error.", AUTOMATIC_REMEDY },

	/* posting (3.1-3.4, 3.8) */
	{ "spam_risk_too_many_posts", TIKTOK_WAIT, HOUR,
	  "TikTok's daily limit of posts by apps is reached for this account.", "automatic",
	  "It is tried again each hour, or post it from the TikTok app." },
	{ "spam_risk_user_banned_from_posting", TIKTOK_PERMANENT, 0,
	  "TikTok has banned this account from posting.", "appeal",
	  "See the notice in the TikTok app; this site cannot lift it." },
	{ "reached_active_user_cap", TIKTOK_WAIT, 6 * HOUR,
	  "This site's daily number of posting creators at TikTok is used up.", "automatic",
	  "It is tried again by itself; the operator may ask TikTok for a higher number." },
	{ "unaudited_client_can_only_post_to_private_accounts", TIKTOK_USER, 0,
	  "This site's TikTok app is not audited yet, so it may only post to private accounts.",
	  "make_private",
	  "Make the TikTok account private in its settings, then schedule the post again." },
	{ "url_ownership_unverified", TIKTOK_OPERATOR, 0,
	  "TikTok does not know this site's media address as verified.", OPERATOR_REMEDY },
	{ "privacy_level_option_mismatch", TIKTOK_USER, 0,
	  "The chosen audience is not available for this account now.", "edit",
	  "Edit the post, choose who may see it, and schedule it again." },
	{ "spam_risk_too_many_pending_share", TIKTOK_WAIT, HOUR,
	  "Too many drafts wait in this creator's TikTok inbox.", "finish_drafts",
	  "Post or discard drafts in the TikTok app; it is tried again each hour." },
	{ "app_version_check_failed", TIKTOK_USER, 0,
	  "The creator's TikTok app is too old for this.", "update_app",
	  "Update the TikTok app (31.8 or newer), then schedule the post again." },
	{ "invalid_publish_id", TIKTOK_PERMANENT, 0, "TikTok no longer knows this upload.",
	  "check_tiktok", "Look at the TikTok account to see whether the post is there." },
	{ "token_not_authorized_for_specified_publish_id", TIKTOK_PERMANENT, 0,
	  "TikTok says that this upload belongs to another account.", "check_tiktok",
	  "Look at the TikTok account to see whether the post is there." },
	{ "publish_not_cancellable", TIKTOK_PERMANENT, 0, "It is too late to cancel.",
	  NONE_REMEDY },

	/* fail_reason (3.7) */
	{ "file_format_check_failed", TIKTOK_USER, 0, "TikTok does not take this file format.",
	  MEDIA_REMEDY },
	{ "duration_check_failed", TIKTOK_USER, 0,
	  "The video is longer or shorter than TikTok allows for this account.", MEDIA_REMEDY },
	{ "frame_rate_check_failed", TIKTOK_USER, 0,
	  "TikTok takes 23 to 60 frames a second, and this video has another rate.", MEDIA_REMEDY },
	{ "picture_size_check_failed", TIKTOK_USER, 0,
	  "TikTok takes pictures of 360 to 4096 points a side.", MEDIA_REMEDY },
	{ "internal", TIKTOK_RETRY, 0, "TikTok had an internal error while processing.",
	  AUTOMATIC_REMEDY },
	{ "video_pull_failed", TIKTOK_RETRY, 0, "TikTok could not fetch the video from this site.",
	  AUTOMATIC_REMEDY },
	{ "photo_pull_failed", TIKTOK_RETRY, 0, "TikTok could not fetch a picture from this site.",
	  AUTOMATIC_REMEDY },
	{ "publish_cancelled", TIKTOK_PERMANENT, 0, "The upload was cancelled.", EDIT_REMEDY },
	{ "auth_removed", TIKTOK_RECONNECT, 0,
	  "The creator removed this site's access while the post was processed.",
	  RECONNECT_REMEDY },
	{ "spam_risk_text", TIKTOK_USER, 0, "TikTok considers the caption risky.", "edit",
	  "Change the caption and schedule the post again." },
	{ "spam_risk", TIKTOK_PERMANENT, 0, "TikTok considers this post risky.", NONE_REMEDY },
};

static const struct tiktok_meaning unknown = {
	"unknown",
	TIKTOK_UNKNOWN,
	0,
	"TikTok gave a reason that is not known here.",
	"check_tiktok",
	"Look at the TikTok account, then schedule the post again or ask the operator.",
};

const struct tiktok_meaning *tiktok_meaning(const char *code)
{
	for (size_t i = 0; code && i < ARRAY_SIZE(meanings); i++) {
		if (strcmp(meanings[i].code, code) == 0)
			return &meanings[i];
	}
	return &unknown;
}
