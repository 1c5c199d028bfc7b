-- queue_claim_check: take up to $2 posts whose fate TikTok should be asked for, for $1 seconds
WITH chosen AS (
	SELECT id
	  FROM post
	 WHERE next_check_at <= now()
	   AND state IN ('processing', 'published', 'delivered', 'held')
	   AND (lease_until IS NULL OR lease_until < now())
	 ORDER BY next_check_at, id
	 LIMIT $2::bigint
	   FOR UPDATE SKIP LOCKED)
UPDATE post
   SET fence = nextval('post_fence'), lease_until = now() + make_interval(secs => $1::float8),
       unrecorded = unrecorded + 1
  FROM chosen
 WHERE post.id = chosen.id
RETURNING post.id, post.fence
