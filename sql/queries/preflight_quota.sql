-- preflight_quota: how many direct posts of the post's account fall into the 24 hours before it, sent or planned
SELECT (SELECT count(*) FROM attempt t
         WHERE t.account_id = post.account_id AND t.mode = 'direct' AND t.post_id <> post.id
           AND t.intent_at > post.due_at - interval '24 hours'
           AND (t.outcome IS NULL OR t.outcome NOT IN ('refused', 'failed')))
     + (SELECT count(*) FROM post other
         WHERE other.account_id = post.account_id AND other.mode = 'direct' AND other.state = 'scheduled'
           AND other.id <> post.id
           AND other.due_at > post.due_at - interval '24 hours' AND other.due_at <= post.due_at) AS posts
  FROM post
 WHERE post.id = $1::bigint
