-- account_lock: one counter at a time per account
SELECT id FROM account WHERE id = $1::bigint FOR NO KEY UPDATE
