-- account_wipe: disconnected: the tokens and what TikTok told about the creator are gone. The open_id stays: by it
-- alone the creator can sign in again, e.g. to ask for erasure. One who has done so already keeps the new tokens.
-- $2: how giving access back ended; where TikTok has not said that it is gone, that is remembered for the receipt
WITH done AS (
	UPDATE account
	   SET state = 'disconnected', display_name = 'Disconnected account',
	       username = '', avatar_url = '', scopes = '{}',
	       state_reason = CASE WHEN $2 NOT IN ('revoked', 'no_token', 'invalid_grant', 'access_token_invalid')
	                           THEN 'not_revoked' END
	 WHERE id = $1::bigint AND state = 'disconnecting'
	RETURNING id, user_id),
wiped AS (
	DELETE FROM account_token USING done WHERE account_token.account_id = done.id
	RETURNING account_id)
-- the tokens first: the end of the record must not be held while waiting for them
INSERT INTO audit_event (event, user_id, account_id, code)
SELECT 'disconnected', done.user_id, done.id, $2 FROM done LEFT JOIN wiped ON wiped.account_id = done.id
