-- erase_account_lock: account $1, if its time is still over and no other account of its user is connected
SELECT a.id
  FROM account a
 WHERE a.id = $1::bigint AND a.erase_after <= now() AND a.state IN ('reconnect', 'disconnected')
   AND NOT EXISTS (SELECT FROM account o
                    WHERE o.user_id = a.user_id AND o.id <> a.id AND o.state <> 'disconnected')
   FOR UPDATE OF a
