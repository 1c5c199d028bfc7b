-- ctl_deletion_steps: the steps of request $1
SELECT step, done_at AT TIME ZONE 'UTC' AS done_at, detail
  FROM deletion_step
 WHERE request_id = $1::bigint
 ORDER BY position
