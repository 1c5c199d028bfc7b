-- inbox_removed: the creator took the app's access away at $2; the tokens are dead already and go here too.
-- A delivery may be three days old: one from before the last connection changes nothing. News from before
-- the last consent (TikTok repeats deliveries for days) say nothing about its tokens
WITH lost AS (
	UPDATE account
	   SET state = 'reconnect', state_reason = 'auth_removed'
	  FROM webhook_event w
	 WHERE account.open_id = $1 AND account.state = 'connected' AND w.id = $2::bigint
	   -- told in whole seconds
	   AND account.connected_at < coalesce(w.sent_at, w.received_at) + interval '1 second'
	RETURNING account.id),
wiped AS (
	DELETE FROM account_token USING lost WHERE account_token.account_id = lost.id)
INSERT INTO audit_event (event, account_id, code)
SELECT 'authorization_removed', id, 'auth_removed' FROM lost
