-- post_lock_of_video: keep publishers from the posts of user $1 that are planned with video $2
SELECT id
  FROM post
 WHERE user_id = $1::bigint AND video_id = $2::bigint AND state = 'scheduled'
 ORDER BY id
   FOR UPDATE
