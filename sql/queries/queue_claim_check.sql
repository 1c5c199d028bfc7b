-- queue_claim_check: take the next post whose fate TikTok should be asked for, for $1 seconds
WITH due AS (
	SELECT id
	  FROM post
	 WHERE next_check_at <= now()
	   AND state IN ('processing', 'published', 'delivered', 'held')
	   AND (lease_until IS NULL OR lease_until < now())
	 ORDER BY next_check_at, id
	 LIMIT 1
	   FOR UPDATE SKIP LOCKED)
UPDATE post
   SET fence = nextval('post_fence'),
       lease_until = now() + make_interval(secs => $1::float8)
  FROM due
 WHERE post.id = due.id
RETURNING post.id, post.fence
