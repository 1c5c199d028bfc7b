-- ctl_attempts: what was tried with post $1, without the address that bytes go to
SELECT id, mode, transfer, intent_at AT TIME ZONE 'UTC' AS intent_at, publish_id, bytes_acked, bytes_total,
       final_intent_at AT TIME ZONE 'UTC' AS final_intent_at, closed_at AT TIME ZONE 'UTC' AS closed_at, outcome
  FROM attempt
 WHERE post_id = $1::bigint
 ORDER BY id
