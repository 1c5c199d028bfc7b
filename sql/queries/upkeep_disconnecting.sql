-- upkeep_disconnecting: accounts whose access is to be given back to TikTok, and what to ask with
UPDATE account
   SET disconnect_tries = disconnect_tries + 1,
       disconnect_after = now() + least(interval '30 seconds' * power(2, greatest(disconnect_tries - 2, 0)),
                                        interval '1 hour')
 WHERE id IN (SELECT id FROM account
               WHERE state = 'disconnecting' AND disconnect_after <= now()
               ORDER BY id LIMIT $1::int FOR UPDATE SKIP LOCKED)
RETURNING id, user_id, disconnect_tries, disconnect_waits, state_reason = 'erasure' AS for_erasure,
          EXISTS (SELECT FROM post WHERE post.account_id = account.id AND post.state = 'publishing') AS in_transfer
