-- quota_lock: one counter at a time for these accounts, always in the same order
SELECT id FROM account WHERE id = ANY ($1::bigint[]) ORDER BY id FOR NO KEY UPDATE
