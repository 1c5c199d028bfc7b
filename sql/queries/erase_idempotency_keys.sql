-- erase_idempotency_keys: some keys of repeated requests of user $1
DELETE FROM idempotency_key
 WHERE ctid = ANY (ARRAY(SELECT ctid FROM idempotency_key WHERE user_id = $1::bigint LIMIT $2::int))
