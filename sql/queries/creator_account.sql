-- creator_account: the account, when it is the user's and still connected in some way
SELECT id
  FROM account
 WHERE id = $1::bigint AND user_id = $2::bigint AND state IN ('connected', 'reconnect')
