-- queue_acked: TikTok has $4 bytes of the attempt
UPDATE attempt
   SET bytes_acked = $4::bigint
  FROM post
 WHERE attempt.id = $3::bigint AND attempt.closed_at IS NULL
   AND post.id = $1::bigint AND post.id = attempt.post_id AND post.fence = $2::bigint
   AND post.state = 'publishing'
RETURNING attempt.id
