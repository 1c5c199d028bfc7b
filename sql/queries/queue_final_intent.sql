-- queue_final_intent: from here on the post may become public (I3); not for a user who has asked for erasure
UPDATE attempt
   SET final_intent_at = coalesce(final_intent_at, now())
  FROM post
 WHERE attempt.id = $3::bigint AND attempt.closed_at IS NULL
   AND post.id = $1::bigint AND post.id = attempt.post_id AND post.fence = $2::bigint
   AND post.state = 'publishing'
   AND (attempt.final_intent_at IS NOT NULL
        OR NOT EXISTS (SELECT FROM deletion_request d WHERE d.user_id = post.user_id AND d.state = 'waiting'))
RETURNING attempt.id
