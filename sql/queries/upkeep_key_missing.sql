-- upkeep_key_missing: there was no key to the tokens of account $1, so TikTok was not asked: that is no try
UPDATE account
   SET disconnect_tries = 0, disconnect_waits = disconnect_waits + 1
 WHERE id = $1::bigint AND state = 'disconnecting'
