-- erase_accounts: some accounts of user $1
DELETE FROM account
 WHERE id IN (SELECT id FROM account WHERE user_id = $1::bigint ORDER BY id LIMIT $2::int)
