-- export_video_bytes: what the videos of user $1 that were there at $2 take
SELECT coalesce(sum(size), 0) AS bytes
  FROM video
 WHERE user_id = $1::bigint
   AND deleted_at IS NULL
   AND created_at <= $2::timestamptz
