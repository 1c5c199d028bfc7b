-- What each program's role may do: one section per program, nothing more than it needs (design 4, B92).
-- Sealed columns can be selected by spg_publisher and spg_creator alone.

SET LOCAL search_path = spg, pg_temp;

REVOKE ALL ON SCHEMA spg FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA spg FROM PUBLIC;
GRANT USAGE ON SCHEMA spg TO spg_oauth_start, spg_oauth_callback, spg_upload, spg_dashboard, spg_creator,
	spg_deletion, spg_tiktok_webhook, spg_publisher, spg_janitor;
GRANT SELECT ON schema_migration TO spg_oauth_start, spg_oauth_callback, spg_upload, spg_dashboard,
	spg_creator, spg_deletion, spg_tiktok_webhook, spg_publisher, spg_janitor;
GRANT INSERT ON audit_event TO spg_oauth_start, spg_oauth_callback, spg_upload, spg_dashboard, spg_creator,
	spg_deletion, spg_tiktok_webhook, spg_publisher, spg_janitor;
-- Programs that know a session.
GRANT SELECT, UPDATE (last_seen_at) ON session TO spg_oauth_start, spg_oauth_callback, spg_upload,
	spg_dashboard, spg_creator, spg_deletion;

-- oauth_start: counts a browser's or user's sign-ins under way, never sees their states
GRANT INSERT, SELECT (user_id, browser_hash, expires_at) ON oauth_state TO spg_oauth_start;
GRANT SELECT (id, user_id, state) ON account TO spg_oauth_start;

-- oauth_callback: writes sealed tokens, never reads them
GRANT SELECT, UPDATE ON oauth_state TO spg_oauth_callback;
GRANT SELECT, INSERT ON app_user TO spg_oauth_callback;
GRANT INSERT, DELETE ON session TO spg_oauth_callback;
GRANT SELECT, INSERT, UPDATE ON account TO spg_oauth_callback;
GRANT INSERT, SELECT (account_id, version, refresh_fence),
	UPDATE (version, access_sealed, refresh_sealed, access_expires_at, access_lifetime_s,
	        refresh_expires_at, refreshed_at, refresh_fence, refresh_lost, refresh_lease_until, refresh_after)
	ON account_token TO spg_oauth_callback;
GRANT SELECT (id, account_id, state, reason_code, reason_message, remedy_code, remedy_message, due_at, sent_at,
	        publish_id, fence),
	UPDATE (state, reason_code, reason_message, remedy_code, remedy_message, next_attempt_at, next_check_at,
	        fence, lease_until, updated_at)
	ON post TO spg_oauth_callback;
GRANT SELECT (post_id, closed_at) ON attempt TO spg_oauth_callback;
GRANT INSERT, SELECT (id) ON post_event TO spg_oauth_callback;
GRANT SELECT (user_id, state) ON deletion_request TO spg_oauth_callback;
GRANT USAGE ON SEQUENCE post_fence TO spg_oauth_callback;

-- upload: creates uploads and videos, writes what the media process says
GRANT SELECT, INSERT, DELETE, UPDATE (expires_at, finished_at, video_id) ON upload TO spg_upload;
GRANT SELECT, INSERT,
	UPDATE (state, reason_code, reason_message, container, codec, audio_codec, width, height, rotation, fps_milli,
	        duration_ms, has_thumbnail, check_attempts, check_lease_until)
	ON video TO spg_upload;
GRANT INSERT, SELECT ON file_removal TO spg_upload;

-- dashboard
GRANT SELECT, UPDATE (time_zone, language) ON app_user TO spg_dashboard;
GRANT SELECT, UPDATE (state, state_reason) ON account TO spg_dashboard;
GRANT SELECT, UPDATE (deleted_at) ON video TO spg_dashboard;
GRANT INSERT, SELECT ON file_removal TO spg_dashboard;
-- whose a post is and what TikTok said of it are not the dashboard's to change
GRANT SELECT, INSERT,
	UPDATE (account_id, video_id, mode, state, due_at, time_zone, caption, privacy_level, allow_comment, allow_duet,
	        allow_stitch, your_brand, branded_content, is_aigc, cover_ms, consent_at, consent, reason_code,
	        reason_message, remedy_code, remedy_message, next_attempt_at, fence, lease_until, errors, unrecorded,
	        publish_id, next_check_at, finished_at, updated_at)
	ON post TO spg_dashboard;
GRANT SELECT, INSERT ON post_event TO spg_dashboard;
GRANT SELECT (id, post_id, publish_id, final_intent_at, closed_at), UPDATE (closed_at, outcome)
	ON attempt TO spg_dashboard;
GRANT SELECT, INSERT ON idempotency_key TO spg_dashboard;
GRANT SELECT ON heartbeat TO spg_dashboard;
GRANT USAGE ON SEQUENCE post_fence TO spg_dashboard;

-- creator: the only web program that can open tokens
GRANT SELECT, UPDATE (state, state_reason, scopes) ON account TO spg_creator;
GRANT SELECT, UPDATE ON account_token TO spg_creator;
GRANT SELECT, INSERT ON quota_use TO spg_creator;

-- deletion
GRANT SELECT, INSERT ON deletion_request, deletion_step TO spg_deletion;
GRANT SELECT (id, user_id, state), UPDATE (state, state_reason) ON account TO spg_deletion;
GRANT SELECT (id, user_id, state, account_id, fence),
	UPDATE (state, reason_code, reason_message, remedy_code, remedy_message, next_attempt_at, next_check_at,
	        updated_at, finished_at, fence, lease_until)
	ON post TO spg_deletion;
GRANT SELECT (id, user_id, deleted_at) ON video TO spg_deletion;
GRANT INSERT, SELECT (id) ON post_event TO spg_deletion;
GRANT DELETE ON session TO spg_deletion;
GRANT USAGE ON SEQUENCE post_fence TO spg_deletion;

-- tiktok_webhook: verifies and stores, nothing else
GRANT INSERT, SELECT (id, dedupe_key) ON webhook_event TO spg_tiktok_webhook;

-- publisher
GRANT SELECT ON app_user, video TO spg_publisher;
GRANT SELECT, UPDATE ON account, account_token, post, webhook_event TO spg_publisher;
GRANT SELECT, INSERT, UPDATE, DELETE ON attempt TO spg_publisher;
GRANT SELECT, INSERT ON post_event, quota_use TO spg_publisher;
GRANT DELETE ON account_token TO spg_publisher;
GRANT SELECT, INSERT, UPDATE ON heartbeat TO spg_publisher;
GRANT SELECT ON deletion_request TO spg_publisher;
GRANT SELECT, UPDATE ON deletion_step TO spg_publisher;
GRANT USAGE ON SEQUENCE post_fence TO spg_publisher;

-- janitor: retention and erasure; it removes tokens without being able to read them
GRANT SELECT, DELETE ON app_user, session, oauth_state, account, upload, video, file_removal, post,
	post_event, idempotency_key, quota_use, webhook_event TO spg_janitor;
GRANT SELECT (account_id), DELETE ON account_token TO spg_janitor;
GRANT SELECT (id, post_id, publish_id, closed_at), DELETE ON attempt TO spg_janitor;
GRANT UPDATE (deleted_at) ON video TO spg_janitor;
GRANT UPDATE (state, state_reason) ON account TO spg_janitor;
GRANT UPDATE (state, reason_code, reason_message, remedy_code, remedy_message, next_check_at, finished_at, fence,
	      lease_until, updated_at)
	ON post TO spg_janitor;
GRANT INSERT ON file_removal, post_event TO spg_janitor;
GRANT USAGE ON SEQUENCE post_fence TO spg_janitor;
GRANT SELECT, UPDATE, DELETE ON deletion_request, deletion_step TO spg_janitor;
GRANT SELECT, INSERT, UPDATE ON heartbeat TO spg_janitor;
GRANT SELECT, DELETE ON audit_event TO spg_janitor;
