-- connect_find: the account of open_id $1 that matters: a live one, else user $2's own, else the newest
SELECT a.id, a.user_id,
       a.state <> 'disconnected' AS live,
       a.state <> 'disconnected' AND EXISTS (SELECT FROM account_token t WHERE t.account_id = a.id) AS in_use,
       a.state = 'disconnecting'
       OR EXISTS (SELECT FROM deletion_request d WHERE d.user_id = a.user_id AND d.state = 'waiting') AS ending,
       EXISTS (SELECT FROM account o WHERE o.user_id = a.user_id AND o.state <> 'disconnected') AS user_has_live
  FROM account a
 WHERE a.open_id = $1
 ORDER BY a.state <> 'disconnected' DESC, a.user_id = $2::bigint DESC, a.id DESC
 LIMIT 1
   FOR UPDATE OF a
