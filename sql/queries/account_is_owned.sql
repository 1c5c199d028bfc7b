-- account_is_owned: a row when account $1 is user $2's and could be connected
SELECT id
  FROM account
 WHERE id = $1::bigint AND user_id = $2::bigint AND state <> 'disconnecting'
