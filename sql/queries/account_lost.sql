-- account_lost: only the creator can give access again
WITH lost AS (
	UPDATE account
	   SET state = 'reconnect', state_reason = $2
	 WHERE id = $1::bigint AND state = 'connected'
	RETURNING id, user_id)
INSERT INTO audit_event (event, user_id, account_id, code)
SELECT 'account_lost', user_id, id, $2 FROM lost
