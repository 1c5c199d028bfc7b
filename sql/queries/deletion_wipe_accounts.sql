-- deletion_wipe_accounts: without tokens the accounts of user $1 are disconnected
UPDATE account
   SET state = 'disconnected', state_reason = 'erasure'
 WHERE user_id = $1::bigint AND state <> 'disconnected'
