-- account_disconnect: the publisher will revoke and wipe the tokens; until then nothing new is sent
UPDATE account
   SET state = 'disconnecting', state_reason = 'disconnected_by_user'
 WHERE user_id = $1::bigint AND id = $2::bigint AND state IN ('connected', 'reconnect')
RETURNING id
