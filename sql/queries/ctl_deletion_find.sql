-- ctl_deletion_find: erasures of the TikTok account whose keyed hash is $1
SELECT r.id, r.user_id, r.state, r.origin, r.requested_at AT TIME ZONE 'UTC' AS requested_at,
       r.finished_at AT TIME ZONE 'UTC' AS finished_at
  FROM deletion_subject s
  JOIN deletion_request r ON r.id = s.request_id
 WHERE s.open_id_hmac = $1::bytea
 ORDER BY r.id
