-- audit_page: at most $3 events behind position $1 and up to $2, every field as it was hashed
SELECT position, encode(hash, 'hex') AS hash, id, extract(epoch FROM at)::text AS at_epoch, program, event, user_id,
       account_id, post_id, subject_id, code, log_id, operator
  FROM audit_event
 WHERE position > $1::bigint AND position <= $2::bigint
 ORDER BY position
 LIMIT $3::bigint
