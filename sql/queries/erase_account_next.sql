-- erase_account_next: the first account after $1 whose creator took access away and has not come back in time
SELECT a.id, a.user_id,
       NOT EXISTS (SELECT FROM account o
                    WHERE o.user_id = a.user_id AND o.id <> a.id AND o.state <> 'disconnected') AS is_last,
       floor(extract(epoch FROM now() - a.erase_after) / 3600)::bigint AS age_hours,
       (SELECT count(*) FROM post p
         WHERE p.account_id = a.id AND p.state IN ('publishing', 'processing')) AS posts_under_way
  FROM account a
 WHERE a.erase_after <= now() AND a.state IN ('reconnect', 'disconnected') AND a.id > $1::bigint
   AND NOT EXISTS (SELECT FROM deletion_request d WHERE d.user_id = a.user_id AND d.state IN ('grace', 'waiting'))
 ORDER BY a.id
 LIMIT 1
