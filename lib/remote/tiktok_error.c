/* The classes. The words are base/words.c's. */
#include "remote/tiktok_error.h"

#include <stddef.h>
#include <string.h>
#include <threads.h>

#include "base/status.h"
#include "base/words.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE };

/* Code, class, and seconds to wait; the words are filled in before the first look. */
static struct tiktok_meaning meanings[] = {
	{ "ok", TIKTOK_FINE },

	/* the consent page and its callback (1.4) */
	{ "non_sandbox_target", TIKTOK_OPERATOR },
	{ "client_key", TIKTOK_OPERATOR },

	/* OAuth (1.10) */
	{ "access_denied", TIKTOK_RECONNECT },
	{ "invalid_grant", TIKTOK_RECONNECT },
	{ "invalid_client", TIKTOK_OPERATOR },
	{ "invalid_request", TIKTOK_OPERATOR },
	{ "invalid_scope", TIKTOK_OPERATOR },
	{ "unauthorized_client", TIKTOK_OPERATOR },
	{ "unsupported_grant_type", TIKTOK_OPERATOR },
	{ "unsupported_response_type", TIKTOK_OPERATOR },
	{ "server_error", TIKTOK_RETRY },
	{ "temporarily_unavailable", TIKTOK_RETRY },

	/* any call (1.10) */
	{ "access_token_invalid", TIKTOK_REFRESH },
	{ "scope_not_authorized", TIKTOK_RECONNECT },
	{ "scope_permission_missed", TIKTOK_RECONNECT },
	{ "invalid_param", TIKTOK_PERMANENT },
	{ "invalid_params", TIKTOK_PERMANENT },
	{ "invalid_file_upload", TIKTOK_PERMANENT },
	{ "rate_limit_exceeded", TIKTOK_WAIT, MINUTE },
	{ "internal_error", TIKTOK_RETRY },

	/* posting (3.1-3.4, 3.8) */
	{ "spam_risk_too_many_posts", TIKTOK_WAIT, HOUR },
	{ "spam_risk_user_banned_from_posting", TIKTOK_PERMANENT },
	{ "reached_active_user_cap", TIKTOK_WAIT, 6 * HOUR },
	{ "unaudited_client_can_only_post_to_private_accounts", TIKTOK_USER },
	{ "url_ownership_unverified", TIKTOK_OPERATOR },
	{ "privacy_level_option_mismatch", TIKTOK_USER },
	{ "spam_risk_too_many_pending_share", TIKTOK_WAIT, HOUR },
	{ "app_version_check_failed", TIKTOK_USER },
	{ "invalid_publish_id", TIKTOK_PERMANENT },
	{ "token_not_authorized_for_specified_publish_id", TIKTOK_PERMANENT },
	{ "publish_not_cancellable", TIKTOK_PERMANENT },

	/* fail_reason (3.7) */
	{ "file_format_check_failed", TIKTOK_USER },
	{ "duration_check_failed", TIKTOK_USER },
	{ "frame_rate_check_failed", TIKTOK_USER },
	{ "picture_size_check_failed", TIKTOK_USER },
	{ "internal", TIKTOK_RETRY },
	{ "video_pull_failed", TIKTOK_RETRY },
	{ "photo_pull_failed", TIKTOK_RETRY },
	{ "publish_cancelled", TIKTOK_PERMANENT },
	{ "auth_removed", TIKTOK_RECONNECT },
	{ "spam_risk_text", TIKTOK_USER },
	{ "spam_risk", TIKTOK_PERMANENT },
};

static struct tiktok_meaning unknown = { "unknown", TIKTOK_UNKNOWN };

static void fill(struct tiktok_meaning *meaning)
{
	const struct words *words = words_find(meaning->code);
	meaning->cause = words->cause.en;
	meaning->remedy_code = words->remedy_code;
	meaning->remedy = words->next.en;
}

static void fill_all(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		fill(&meanings[i]);
	fill(&unknown);
}

const struct tiktok_meaning *tiktok_meaning(const char *code)
{
	static once_flag filled = ONCE_FLAG_INIT;
	call_once(&filled, fill_all);
	for (size_t i = 0; code && i < ARRAY_SIZE(meanings); i++) {
		if (strcmp(meanings[i].code, code) == 0)
			return &meanings[i];
	}
	return &unknown;
}
