-- export_receipts: requests to erase of user $1 after position $2, at most $3
SELECT r.id AS position,
       json_build_object(
         'id', r.id::text,
         'state', r.state,
         'origin', r.origin,
         'requested_at', r.requested_at,
         'grace_until', r.grace_until,
         'finished_at', r.finished_at,
         'reason_code', r.reason_code) AS item
  FROM deletion_request r
 WHERE r.user_id = $1::bigint
   AND r.id > $2::bigint
 ORDER BY 1
 LIMIT $3::int
