-- queue_claim_preflight: take up to $2 posts to be checked ahead of their time, or held ones whose cause may be gone,
-- for $1 seconds; should we die over one, it is looked at again in ten minutes
WITH chosen AS (
	SELECT id
	  FROM post
	 WHERE preflight_at <= now()
	   -- what falls due in a moment is prepared instead
	   AND (state = 'held' OR state = 'scheduled' AND next_attempt_at > now() + interval '2 minutes')
	   AND (lease_until IS NULL OR lease_until < now())
	 ORDER BY preflight_at, id
	 LIMIT $2::bigint
	   FOR UPDATE SKIP LOCKED)
UPDATE post
   SET fence = nextval('post_fence'), lease_until = now() + make_interval(secs => $1::float8),
       preflight_at = now() + interval '10 minutes'
  FROM chosen
 WHERE post.id = chosen.id
RETURNING post.id, post.fence
