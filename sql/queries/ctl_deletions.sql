-- ctl_deletions: erasures for the operator, the newest first: the one with id $1, or at most $4 in state $2 (NULL: all) with
-- ids below $3; late ones are not done $5 days after they were to begin
SELECT r.id, r.user_id, r.state, r.origin, r.reason_code, r.requested_at AT TIME ZONE 'UTC' AS requested_at,
       r.grace_until AT TIME ZONE 'UTC' AS grace_until, r.finished_at AT TIME ZONE 'UTC' AS finished_at,
       r.state = 'waiting' AND coalesce(r.grace_until, r.requested_at) < now() - make_interval(days => $5::int) AS late,
       (SELECT s.step FROM deletion_step s WHERE s.request_id = r.id AND s.done_at IS NULL AND r.state = 'waiting'
         ORDER BY s.position LIMIT 1) AS waits_for
  FROM deletion_request r
 WHERE ($1::bigint IS NULL OR r.id = $1::bigint)
   AND ($2::text IS NULL OR r.state = $2::text)
   AND ($3::bigint IS NULL OR r.id < $3::bigint)
 ORDER BY r.id DESC
 LIMIT $4::bigint
