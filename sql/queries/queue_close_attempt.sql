-- queue_close_attempt: the live attempt provably cannot publish (I4): no publish_id was ever known
UPDATE attempt
   SET closed_at = now(), outcome = $3
  FROM post
 WHERE attempt.post_id = post.id AND attempt.closed_at IS NULL AND attempt.publish_id IS NULL
   AND post.id = $1::bigint AND post.fence = $2::bigint
RETURNING attempt.id
