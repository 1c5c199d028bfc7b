-- inbox_removed: the creator took the app's access away; the tokens are dead already and go here too. $2: when TikTok
-- said so. Deliveries are repeated for days: one from before the last consent says nothing about its tokens
WITH lost AS (
	UPDATE account
	   SET state = 'reconnect', state_reason = 'auth_removed'
	 WHERE open_id = $1 AND state = 'connected'
	   AND connected_at < $2::timestamptz + interval '1 second'
	RETURNING id, user_id),
wiped AS (
	DELETE FROM account_token USING lost WHERE account_token.account_id = lost.id)
INSERT INTO audit_event (event, user_id, account_id, code)
SELECT 'authorization_removed', user_id, id, 'auth_removed' FROM lost
