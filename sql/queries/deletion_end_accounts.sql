-- deletion_end_accounts: the publisher revokes what user $1 has granted
UPDATE account
   SET state = 'disconnecting', state_reason = 'erasure'
 WHERE user_id = $1::bigint AND state IN ('connected', 'reconnect')
