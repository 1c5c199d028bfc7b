-- video_lock: keep others from taking this video for a post
SELECT id
  FROM video
 WHERE user_id = $1::bigint AND id = $2::bigint AND deleted_at IS NULL
   FOR UPDATE
