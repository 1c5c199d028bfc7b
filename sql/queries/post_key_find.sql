-- post_key_find: the post that the user created with this key
SELECT post_id, body_hash = $3::bytea AS same_body
  FROM idempotency_key
 WHERE user_id = $1::bigint AND key_hash = $2::bytea
