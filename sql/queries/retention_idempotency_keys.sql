-- retention_idempotency_keys: keys of requests that nobody repeats any more
DELETE FROM idempotency_key
 WHERE ctid = ANY (ARRAY(SELECT ctid FROM idempotency_key
                          WHERE created_at < now() - make_interval(hours => $1::int)
                          LIMIT $2::int))
