-- queue_hold_lost: waiting posts of accounts that must be reconnected are held, with words, until then
WITH held AS (
	UPDATE post
	   SET state = 'held', reason_code = coalesce(account.state_reason, 'reconnect'), reason_message = $1,
	       remedy_code = 'reconnect', remedy_message = $2,
	       warning_code = NULL, warning_message = NULL, warning_remedy_code = NULL, warning_remedy_message = NULL,
	       preflight_at = NULL, fence = nextval('post_fence'), lease_until = NULL, updated_at = now()
	  FROM account
	 WHERE account.id = post.account_id AND account.state = 'reconnect' AND post.state = 'scheduled'
	RETURNING post.id, post.reason_code, post.reason_message)
INSERT INTO post_event (post_id, kind, name, from_state, code, message)
SELECT id, 'state', 'held', 'scheduled', reason_code, reason_message FROM held
