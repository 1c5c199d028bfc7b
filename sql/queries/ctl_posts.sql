-- ctl_posts: posts for the operator, the newest first: the one with id $1, or at most $5 in state $2 and of user $3
-- (NULL: all) with ids below $4
SELECT id, user_id, account_id, video_id, mode, state, due_at AT TIME ZONE 'UTC' AS due_at,
       reason_code, reason_message, remedy_code, warning_code,
       next_attempt_at AT TIME ZONE 'UTC' AS next_attempt_at, lease_until AT TIME ZONE 'UTC' AS lease_until,
       next_check_at AT TIME ZONE 'UTC' AS next_check_at, attempts, errors, checks, publish_id,
       array_to_string(public_ids, ',') AS public_ids, public_url, privacy_level, caption,
       sent_at AT TIME ZONE 'UTC' AS sent_at, finished_at AT TIME ZONE 'UTC' AS finished_at,
       created_at AT TIME ZONE 'UTC' AS created_at, updated_at AT TIME ZONE 'UTC' AS updated_at
  FROM post
 WHERE ($1::bigint IS NULL OR id = $1::bigint)
   AND ($2::text IS NULL OR state = $2::text)
   AND ($3::bigint IS NULL OR user_id = $3::bigint)
   AND ($4::bigint IS NULL OR id < $4::bigint)
 ORDER BY id DESC
 LIMIT $5::bigint
