-- account_lost: only the creator can give access again
WITH lost AS (
	UPDATE account
	   SET state = 'reconnect', state_reason = $2
	 WHERE id = $1::bigint AND state = 'connected'
	RETURNING id)
INSERT INTO audit_event (event, account_id, code)
SELECT 'account_lost', id, $2 FROM lost
