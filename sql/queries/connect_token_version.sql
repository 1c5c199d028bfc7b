-- connect_token_version: the version of the account's tokens; whoever refreshes them waits
SELECT version
  FROM account_token
 WHERE account_id = $1::bigint
   FOR UPDATE
