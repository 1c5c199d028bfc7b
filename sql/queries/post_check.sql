-- post_check: what stands between the user and a post of account $2 with video $3, due at $4 (was due at $6),
-- at most $5 days ahead
SELECT a.id IS NOT NULL AS account_found, a.state = 'connected' AS account_connected,
       'video.publish' = ANY (a.scopes) AS may_publish, 'video.upload' = ANY (a.scopes) AS may_upload,
       v.id IS NOT NULL AS video_found, v.state AS video_state, v.duration_ms,
       $4::timestamptz < now() - interval '1 minute' AS is_past,
       $4::timestamptz > now() + make_interval(days => $5::integer) AS is_far,
       $4::timestamptz = $6::timestamptz AS is_same_time,
       (SELECT count(*) FROM post WHERE user_id = $1::bigint AND created_at > now() - interval '1 day') AS created_today
  FROM (SELECT) AS always
  LEFT JOIN account a ON a.id = $2::bigint AND a.user_id = $1::bigint
  LEFT JOIN video v ON v.id = $3::bigint AND v.user_id = $1::bigint AND v.deleted_at IS NULL
