-- account_wipe: disconnected: the tokens and what TikTok told about the creator are gone. The open_id stays: by it
-- alone the creator can sign in again, e.g. to ask for erasure. One who has done so already keeps the new tokens
WITH done AS (
	UPDATE account
	   SET state = 'disconnected', display_name = 'Disconnected account',
	       username = '', avatar_url = '', scopes = '{}', state_reason = NULL
	 WHERE id = $1::bigint AND state = 'disconnecting'
	RETURNING id, user_id),
wiped AS (
	DELETE FROM account_token USING done WHERE account_token.account_id = done.id)
INSERT INTO audit_event (event, user_id, account_id, code)
SELECT 'disconnected', user_id, id, $2 FROM done
