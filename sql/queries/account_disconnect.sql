-- account_disconnect: the publisher will revoke and wipe the tokens; until then nothing new is sent
UPDATE account
   SET state = 'disconnecting', state_reason = 'disconnected_by_user',
       -- what a user disconnects stays theirs, unless TikTok has no such creator any more
       erase_after = CASE WHEN erase_after <= now() THEN erase_after END
 WHERE user_id = $1::bigint AND id = $2::bigint AND state IN ('connected', 'reconnect')
RETURNING id
