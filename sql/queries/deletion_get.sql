-- deletion_get: the request of a receipt, one row for each step
SELECT r.id, r.user_id, r.state, r.origin,
       to_char(r.requested_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS requested_at_text,
       to_char(r.grace_until AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS grace_until_text,
       to_char(r.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS finished_at_text,
       s.step,
       to_char(s.done_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS done_at_text,
       s.detail
  FROM deletion_request r
  JOIN deletion_step s ON s.request_id = r.id
 WHERE r.receipt_hash = $1::bytea
 ORDER BY s.position
