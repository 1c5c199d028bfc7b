-- erase_tokens: tokens of accounts of user $1
DELETE FROM account_token
 WHERE account_id IN (SELECT t.account_id FROM account a JOIN account_token t ON t.account_id = a.id
                       WHERE a.user_id = $1::bigint LIMIT $2::int)
