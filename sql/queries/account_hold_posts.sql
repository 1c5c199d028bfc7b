-- account_hold_posts: what was scheduled for an account that is being disconnected waits for its user
WITH held AS (
	UPDATE post
	   SET state = 'held', reason_code = 'account_disconnected',
	       reason_message = 'You disconnected the TikTok account of this post.',
	       remedy_code = 'choose_account',
	       remedy_message = 'Connect the account again or choose another one, then choose a new time.',
	       preflight_at = NULL, fence = nextval('post_fence'), lease_until = NULL, updated_at = now()
	 WHERE user_id = $1::bigint AND account_id = $2::bigint AND state = 'scheduled'
	RETURNING id, reason_code, reason_message),
noted AS (
	INSERT INTO post_event (post_id, kind, name, from_state, code, message)
	SELECT id, 'state', 'held', 'scheduled', reason_code, reason_message FROM held)
SELECT id FROM held
